import { describe, expect, test } from '@jest/globals';
import { median, percentile, ratio, spread } from './statistics.ts';

describe('median', () => {
  test('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test('is the mean of the two in the middle', () => {
    expect(median([4, 1, 10, 2])).toBe(3);
  });

  test('of nothing is nothing', () => {
    expect(median([])).toBeUndefined();
    expect(spread([])).toBeUndefined();
  });
});

describe('percentile', () => {
  test('is the least value that so many do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 95, 99, 100]);
    expect(percentile([7], 1)).toBe(7);
  });
});

describe('spread and ratio', () => {
  test('tell the median with its bounds', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });

  test('a ratio needs both values and something to divide by', () => {
    expect([ratio(6, 3), ratio(undefined, 3), ratio(6, undefined), ratio(6, 0)]).toEqual([2, undefined, undefined, undefined]);
  });
});
