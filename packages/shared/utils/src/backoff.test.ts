import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelayMs, type BackoffPolicy, defaultBackoff } from './backoff.ts';

const policies = fc.record({
  backoff: fc.constantFrom('exponential', 'linear', 'constant'),
  baseMs: fc.integer({ min: 0, max: 100_000 }),
  maxMs: fc.integer({ min: 0, max: 1_000_000 }),
  jitter: fc.constantFrom('full', 'equal', 'decorrelated', 'none'),
}) satisfies fc.Arbitrary<BackoffPolicy>;
const attempts = fc.integer({ min: 1, max: 5_000 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffDelayMs', () => {
  test('doubles from the base up to the maximum by default', () => {
    const plain: BackoffPolicy = { ...defaultBackoff, jitter: 'none' };
    const delays = [1, 2, 3, 4, 5, 6, 7, 5_000].map((attempt) => backoffDelayMs(plain, attempt, Math.random));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('grows as a function says, up to the maximum and under the jitter', () => {
    const policy = { backoff: (attempt: number) => attempt ** 3, baseMs: 0, maxMs: 20, jitter: 'none' } as const;
    expect([1, 2, 3].map((attempt) => backoffDelayMs(policy, attempt, Math.random))).toEqual([1, 8, 20]);
    expect(backoffDelayMs({ ...policy, jitter: 'full' }, 2, () => 0.5)).toBe(4);
    for (const wrong of [-1, Number.NaN]) {
      expect(() => backoffDelayMs({ ...policy, backoff: () => wrong }, 1, Math.random)).toThrow('backoff');
    }
  });

  test('grows by the base when linear and not at all when constant', () => {
    const of = (backoff: BackoffPolicy['backoff']) =>
      [1, 2, 3].map((attempt) => backoffDelayMs({ backoff, baseMs: 100, maxMs: 250, jitter: 'none' }, attempt, Math.random));
    expect(of('linear')).toEqual([100, 200, 250]);
    expect(of('constant')).toEqual([100, 100, 100]);
  });

  test('is a whole number between zero and the maximum, whatever the policy', () => {
    fc.assert(
      fc.property(policies, attempts, randoms, (policy, attempt, random) => {
        const delay = backoffDelayMs(policy, attempt, () => random);
        return Number.isInteger(delay) && delay >= 0 && delay <= policy.maxMs;
      }),
    );
  });

  test('never shrinks with the attempts under the same random number', () => {
    fc.assert(
      fc.property(policies, attempts, randoms, (policy, attempt, random) => {
        return backoffDelayMs(policy, attempt + 1, () => random) >= backoffDelayMs(policy, attempt, () => random);
      }),
    );
  });

  test('stays with jitter at or below the delay without', () => {
    fc.assert(
      fc.property(policies, attempts, randoms, (policy, attempt, random) => {
        const whole = backoffDelayMs({ ...policy, jitter: 'none' }, attempt, () => random);
        const full = backoffDelayMs({ ...policy, jitter: 'full' }, attempt, () => random);
        const equal = backoffDelayMs({ ...policy, jitter: 'equal' }, attempt, () => random);
        return full <= equal && equal <= whole && equal >= Math.floor(whole / 2);
      }),
    );
  });

  test('decorrelated, lies between the base and three times the wait before, within the maximum', () => {
    fc.assert(
      fc.property(policies, attempts, randoms, fc.integer({ min: 0, max: 1_000_000 }), (policy, attempt, random, previousMs) => {
        const delay = backoffDelayMs({ ...policy, jitter: 'decorrelated' }, attempt, () => random, previousMs);
        const lowest = Math.min(policy.baseMs, policy.maxMs);
        return delay >= lowest && delay <= Math.max(lowest, Math.min(policy.maxMs, previousMs * 3));
      }),
    );
  });

  test('spreads full jitter over the whole range', () => {
    const at = (random: number) => backoffDelayMs(defaultBackoff, 3, () => random);
    expect([at(0), at(0.5), at(0.999_999)]).toEqual([0, 2_000, 3_999]);
  });

  test('refuses an attempt that is not counted from one', () => {
    expect(() => backoffDelayMs(defaultBackoff, 0, Math.random)).toThrow('option attempt must be an integer of at least 1, not 0');
  });
});
