import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMeasuredDelay } from './measured-delay.ts';

describe('createMeasuredDelay', () => {
  test('is what it is told until ten calls were measured', () => {
    const delay = createMeasuredDelay({ initialMs: 500 });
    for (let i = 0; i < 9; i++) delay.observe(3);
    expect(delay.delayMs).toBe(500);
    delay.observe(3);
    expect(delay.delayMs).toBe(3);
  });

  test('is longer than so many percent of the last calls, and than the least delay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 10, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 10, maxLength: 60 }),
        (percentile, calls, latencies) => {
          const delay = createMeasuredDelay({ initialMs: 1, minMs: 50, percentile, calls });
          for (const latency of latencies) delay.observe(latency);
          const upTo = latencies.length - (latencies.length % 10);
          const last = latencies.slice(0, upTo).slice(-calls);
          const within = last.filter((latency) => latency <= delay.delayMs).length;
          expect(within).toBeGreaterThanOrEqual((last.length * percentile) / 100);
          expect(delay.delayMs).toBeGreaterThanOrEqual(50);
          if (delay.delayMs > 50) expect(last).toContain(delay.delayMs);
        },
      ),
    );
  });

  test('forgets what was long ago', () => {
    const delay = createMeasuredDelay({ initialMs: 1, calls: 20 });
    for (let i = 0; i < 20; i++) delay.observe(900);
    for (let i = 0; i < 20; i++) delay.observe(10);
    expect(delay.delayMs).toBe(10);
  });

  test.each([
    [{ percentile: 0 }, 'percentile'],
    [{ calls: 9 }, 'calls'],
    [{ minMs: -1 }, 'minMs'],
    [{ initialMs: Number.NaN }, 'initialMs'],
  ])('refuses %j', (options, name) => {
    expect(() => createMeasuredDelay({ initialMs: 1, ...options })).toThrow(`measured delay: option ${name}`);
  });
});
