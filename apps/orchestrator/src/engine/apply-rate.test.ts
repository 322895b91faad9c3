import { describe, expect, test } from '@jest/globals';
import { ApplyRate } from './apply-rate.ts';

describe('ApplyRate', () => {
  test('knows nothing at first, and then the speed of the last half second with work', () => {
    let now = 1_000;
    const rate = new ApplyRate({ monotonic: () => now });
    rate.applied(100);
    expect(rate.within(1_000)).toBe(0);
    now += 500;
    rate.applied(400);
    expect([rate.within(1_000), rate.within(125)]).toEqual([1_000, 125]);
    now += 250;
    rate.applied(2_000);
    expect(rate.within(1_000)).toBe(1_000);
    now += 250;
    rate.applied(500);
    expect(rate.within(1_000)).toBe(5_000);
  });

  test('after a rest it is small again', () => {
    let now = 0;
    const rate = new ApplyRate({ monotonic: () => now });
    now += 500;
    rate.applied(1_000);
    now += 10_000;
    rate.applied(10);
    expect(rate.within(1_000)).toBe(1);
  });
});
