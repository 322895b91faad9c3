import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profiles } from '../profiles/profiles.ts';
import { calmSample } from '../testing/samples.ts';
import { enforce, enforcementLimits, type EnforcementState, initialEnforcement } from './enforcement.ts';
import type { ResourceSample } from './resource-sample.ts';

const limits = enforcementLimits(profiles.production);

/** What comes of one sample after the other, a second apart. */
function after(samples: readonly Partial<ResourceSample>[], from: EnforcementState = initialEnforcement) {
  let last = enforce(from, calmSample({ atMs: 0, ...samples[0] }), limits);
  for (const [index, sample] of samples.slice(1).entries())
    last = enforce(last.state, calmSample({ atMs: (index + 1) * 1_000, ...sample }), limits);
  return last;
}

const times = (count: number, sample: Partial<ResourceSample>) => Array.from({ length: count }, () => sample);

describe('enforce', () => {
  test('lets everything in while there is room', () => {
    expect(after([{}]).decision).toEqual({ concurrency: 50, leastPriority: 'low', collect: false, reasons: [] });
  });

  test.each([
    ['cpu', { cpuShare: 0.81 }],
    ['event-loop', { loopLagMs: 500 }],
    ['memory', { memoryShare: 0.85 }],
  ])('lowers load within seconds when there is too much of %s, and gives it back slowly', (reason, sample) => {
    const high = after(times(7, sample));
    expect(high.decision).toMatchObject({ reasons: [reason] });
    expect(high.decision.concurrency).toBeLessThan(10);
    expect(after(times(5, {}), high.state).decision.concurrency).toBeLessThan(30);
    expect(after(times(20, {}), high.state).decision.concurrency).toBe(50);
  });

  test('sheds the low when CPU stays above its limit although hardly anything runs', () => {
    expect(after(times(6, { cpuShare: 1 })).decision.leastPriority).toBe('low');
    expect(after(times(9, { cpuShare: 1 })).decision.leastPriority).toBe('normal');
  });

  test('sheds by priority as memory runs out, and takes back only when use is well below', () => {
    expect(after([{ memoryShare: 0.91 }]).decision.leastPriority).toBe('normal');
    const emergency = after([{ memoryShare: 0.96 }]);
    expect(emergency.decision.leastPriority).toBe('high');
    expect(after([{ memoryShare: 0.91 }], emergency.state).decision.leastPriority).toBe('high');
    const less = after([{ memoryShare: 0.89 }], emergency.state);
    expect(less.decision.leastPriority).toBe('normal');
    expect(after([{ memoryShare: 0.84 }], less.state).decision.leastPriority).toBe('low');
  });

  test('asks for a collection now and then, not with every sample', () => {
    const first = enforce(initialEnforcement, calmSample({ memoryShare: 0.85 }), limits);
    expect(first.decision.collect).toBe(true);
    expect(enforce(first.state, calmSample({ memoryShare: 0.85, atMs: 29_999 }), limits).decision.collect).toBe(false);
    expect(enforce(first.state, calmSample({ memoryShare: 0.85, atMs: 30_000 }), limits).decision.collect).toBe(true);
  });

  const shares = fc.double({ min: 0, max: 3, noNaN: true });
  const samples = fc.array(fc.record({ memoryShare: shares, cpuShare: shares, loopLagMs: fc.nat(2_000) }), { minLength: 1, maxLength: 60 });

  test('stays within bounds, never rises above a limit, never falls below it, and always comes back', () => {
    fc.assert(
      fc.property(samples, (given) => {
        let state = initialEnforcement;
        for (const [index, sample] of given.entries()) {
          const { state: next, decision } = enforce(state, calmSample({ ...sample, atMs: index * 1_000 }), limits);
          expect(decision.concurrency).toBeGreaterThanOrEqual(1);
          expect(decision.concurrency).toBeLessThanOrEqual(limits.maxConcurrent);
          if (decision.reasons.length > 0) expect(next.factor).toBeLessThanOrEqual(state.factor);
          else expect(next.factor).toBeGreaterThanOrEqual(state.factor);
          state = next;
        }
        expect(after(times(25, {}), state).decision).toMatchObject({ concurrency: limits.maxConcurrent, leastPriority: 'low' });
      }),
    );
  });

  test('is never more generous with more memory in use', () => {
    const rank = { low: 0, normal: 1, high: 2 };
    fc.assert(
      fc.property(fc.constantFrom<0 | 1 | 2>(0, 1, 2), shares, shares, (shed, a, b) => {
        const least = (memoryShare: number) =>
          rank[enforce({ ...initialEnforcement, shed }, calmSample({ memoryShare }), limits).decision.leastPriority];
        expect(least(Math.max(a, b))).toBeGreaterThanOrEqual(least(Math.min(a, b)));
      }),
    );
  });
});
