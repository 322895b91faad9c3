import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OperationStats } from './operation-stats.ts';

describe('OperationStats', () => {
  test('counts the last minute', () => {
    const stats = new OperationStats();
    stats.ended(0, 10, false);
    stats.ended(30_000, 10, true);
    stats.refused(30_000);
    expect(stats.facts(50_000)).toMatchObject({ operations: 2, failed: 1, refused: 1 });
    expect(stats.facts(60_000)).toMatchObject({ operations: 1, failed: 1 });
    expect(stats.facts(200_000)).toEqual({ operations: 0, failed: 0, refused: 0, p95Ms: 0 });
  });

  test('its percentile is never below the true one, and at most 42 % above it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 1, maxLength: 200 }), (times) => {
        const stats = new OperationStats();
        for (const tookMs of times) stats.ended(0, tookMs, false);
        const truth = [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? 0;
        const { p95Ms } = stats.facts(0);
        expect(p95Ms).toBeGreaterThanOrEqual(truth * 0.999);
        expect(p95Ms).toBeLessThanOrEqual(truth * 1.42);
      }),
    );
  });
});
