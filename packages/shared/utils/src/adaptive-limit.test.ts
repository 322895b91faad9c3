import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AdaptiveLimitOptions, adaptivePlan, createAdaptiveLimit, initialState, nextLimit } from './adaptive-limit.ts';

/** A server that takes `capacity` calls at a time in `baseMs`, and lets the others queue. */
function serve(limit: ReturnType<typeof createAdaptiveLimit>, capacity: number, baseMs: number, calls: number): void {
  for (let call = 0; call < calls; call++) {
    const inFlight = limit.limit;
    limit.sample({ latencyMs: baseMs * Math.max(1, inFlight / capacity), inFlight, dropped: false });
  }
}

describe('an adaptive limit', () => {
  test('stays within its bounds, whatever it sees', () => {
    const sample = fc.record({
      latencyMs: fc.integer({ min: 0, max: 100_000 }),
      inFlight: fc.integer({ min: 1, max: 1_000 }),
      dropped: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
        const limit = createAdaptiveLimit({ min: 3, max: 40, initial: 10 });
        for (const one of samples) {
          limit.sample(one);
          expect(limit.limit).toBeGreaterThanOrEqual(3);
          expect(limit.limit).toBeLessThanOrEqual(40);
        }
      }),
    );
  });

  test.each([10, 40, 100])('finds what a server of %i can take, also when that changes, and does not creep away from it', (capacity) => {
    const limit = createAdaptiveLimit({ initial: 4, max: 10_000 });
    serve(limit, capacity, 20, 500);
    expect(limit.limit).toBeGreaterThanOrEqual(capacity);
    expect(limit.limit).toBeLessThanOrEqual(capacity * 4);
    serve(limit, capacity, 20, 20_000);
    expect(limit.limit).toBeLessThanOrEqual(capacity * 4);
    serve(limit, capacity / 5, 20, 3_000);
    expect(limit.limit).toBeLessThanOrEqual(capacity);
    serve(limit, capacity, 20, 3_000);
    expect(limit.limit).toBeGreaterThanOrEqual(capacity);
  });

  test('learns that the other side has become slower for good', () => {
    const limit = createAdaptiveLimit({ initial: 20 });
    serve(limit, 40, 10, 900);
    serve(limit, 40, 100, 3_000);
    expect(limit.limit).toBeGreaterThanOrEqual(40);
  });

  test('does not grow while it is not used', () => {
    const limit = createAdaptiveLimit({ initial: 20 });
    for (let call = 0; call < 100; call++) limit.sample({ latencyMs: 5, inFlight: 3, dropped: false });
    expect(limit.limit).toBe(20);
  });

  test('falls with every dropped call', () => {
    const limit = createAdaptiveLimit({ initial: 100, dropFactor: 0.5 });
    for (let call = 0; call < 3; call++) limit.sample({ latencyMs: 1, inFlight: 100, dropped: true });
    expect(limit.limit).toBe(12);
  });

  test('tells when it has risen, and only then, until nobody wants to know', () => {
    const limit = createAdaptiveLimit({ initial: 10 });
    const told: number[] = [];
    const end = limit.onRise?.(() => told.push(limit.limit));
    limit.sample({ latencyMs: 1, inFlight: 10, dropped: true });
    expect(told).toEqual([]);
    while (limit.limit < 11) limit.sample({ latencyMs: 1, inFlight: 10, dropped: false });
    expect(told).toEqual([10, 11]);
    end?.();
    while (limit.limit < 12) limit.sample({ latencyMs: 1, inFlight: 10, dropped: false });
    expect(told).toEqual([10, 11]);
  });

  test('grows when nothing takes any time', () => {
    const plan = adaptivePlan({ initial: 10 });
    expect(nextLimit(plan, initialState(plan), { latencyMs: 0, inFlight: 10, dropped: false }).limit).toBeGreaterThan(10);
  });

  test.each<[AdaptiveLimitOptions, string]>([
    [{ min: 0 }, 'option min'],
    [{ min: 10, max: 5 }, 'option max'],
    [{ initial: 500 }, 'option initial'],
    [{ tolerance: 0.5 }, 'option tolerance'],
    [{ dropFactor: 1 }, 'option dropFactor'],
  ])('refuses %j', (options, message) => {
    expect(() => adaptivePlan(options)).toThrow(`adaptive limit: ${message}`);
  });
});
