import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decayedRate, RATE_TAU_MS, rateOf, roundedRate } from './error-rate.ts';

describe('the rate of errors', () => {
  test('settles at what comes per minute, whatever that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (perMinute) => {
        let rate = 0;
        for (let second = 0; second < 3_600; second++) rate = decayedRate(rate, 1_000) + rateOf(perMinute / 60);
        expect(rate / perMinute).toBeCloseTo(1, 2);
      }),
      { numRuns: 20 },
    );
  });

  test('is the same in one step or in two', () => {
    const ms = fc.integer({ min: 0, max: 5 * RATE_TAU_MS });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), ms, ms, (rate, one, two) => {
        expect(decayedRate(decayedRate(rate, one), two)).toBeCloseTo(decayedRate(rate, one + two), 3);
      }),
    );
  });

  test('never grows by itself, never ends below nothing, and is as good as nothing after an hour', () => {
    expect(decayedRate(10, -5_000)).toBe(10);
    expect(decayedRate(1_000, 3_600_000)).toBeLessThan(0.01);
    expect(decayedRate(1e6, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(0);
    expect([roundedRate(0.004), roundedRate(12.3456)]).toEqual([0, 12.35]);
  });
});
