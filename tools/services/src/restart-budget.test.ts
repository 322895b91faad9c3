import { describe, expect, test } from '@jest/globals';
import { restartDelayMs } from './restart-budget.ts';

const limits = { max: 3, windowMs: 1_000, baseDelayMs: 10 };

describe('the restart budget', () => {
  test('the delay doubles with each recent restart, and after the last one there is none', () => {
    expect(restartDelayMs([], 0, limits)).toBe(10);
    expect(restartDelayMs([0], 500, limits)).toBe(20);
    expect(restartDelayMs([0, 100], 500, limits)).toBe(40);
    expect(restartDelayMs([0, 100, 200], 500, limits)).toBeUndefined();
  });

  test('restarts older than the window are forgotten', () => {
    expect(restartDelayMs([0, 100, 200], 1_150, limits)).toBe(20);
  });
});
