import { checkNumber } from './check-option.ts';

/** How the wait before the next attempt grows. */
export interface BackoffPolicy {
  readonly backoff: 'exponential' | 'linear' | 'constant';
  /** Wait after the first failed attempt, in milliseconds, before jitter. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
  /** `full`: evenly distributed between 0 and the wait; `none`: the wait itself. */
  readonly jitter: 'full' | 'none';
}

/** Exponential from 1 s to 30 s with full jitter. */
export const defaultBackoff: BackoffPolicy = Object.freeze({ backoff: 'exponential', baseMs: 1_000, maxMs: 30_000, jitter: 'full' });

/**
 * Whole milliseconds to wait after attempt number `attempt` (from 1) failed. Pure: the same random numbers give the same
 * delays. `random` returns numbers in [0, 1).
 */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random: () => number): number {
  checkNumber('backoffDelayMs', 'attempt', attempt, { min: 1, integer: true });
  const ceiling = Math.min(policy.maxMs, grown(policy, attempt));
  return Math.floor(policy.jitter === 'full' ? random() * ceiling : ceiling);
}

function grown(policy: BackoffPolicy, attempt: number): number {
  if (policy.baseMs === 0) return 0;
  switch (policy.backoff) {
    case 'exponential':
      return policy.baseMs * 2 ** (attempt - 1);
    case 'linear':
      return policy.baseMs * attempt;
    case 'constant':
      return policy.baseMs;
  }
}
