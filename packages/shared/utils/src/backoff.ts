import { checkNumber } from './check-option.ts';

/**
 * How chance spreads the waits, so that callers that failed together do not come back together.
 * - `full`: evenly between 0 and the wait.
 * - `equal`: evenly between half the wait and the wait.
 * - `decorrelated`: evenly between `baseMs` and three times the wait before; `backoff` plays no part.
 * - `none`: the wait itself.
 */
export type Jitter = 'full' | 'equal' | 'decorrelated' | 'none';

/** A growth of one's own: milliseconds after attempt `attempt` (from 1) failed, before the cap and the jitter. */
export type Growth = (attempt: number) => number;

/** How the wait before the next attempt grows. */
export interface BackoffPolicy {
  readonly backoff: 'exponential' | 'linear' | 'constant' | Growth;
  /** Wait after the first failed attempt, in milliseconds, before jitter. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
  readonly jitter: Jitter;
}

/** Exponential from 1 s to 30 s with full jitter. */
export const defaultBackoff: BackoffPolicy = Object.freeze({ backoff: 'exponential', baseMs: 1_000, maxMs: 30_000, jitter: 'full' });

/**
 * Whole milliseconds to wait after attempt number `attempt` (from 1) failed. Pure: the same random numbers give the same
 * delays. `random` returns numbers in [0, 1). `previousMs` is the wait before this one, for decorrelated jitter; default `baseMs`.
 */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random: () => number, previousMs = policy.baseMs): number {
  checkNumber('backoffDelayMs', 'attempt', attempt, { min: 1, integer: true });
  if (policy.jitter === 'decorrelated') {
    const highest = Math.max(policy.baseMs, previousMs * 3);
    return Math.floor(Math.min(policy.maxMs, policy.baseMs + random() * (highest - policy.baseMs)));
  }
  return Math.floor(spread(policy.jitter, Math.min(policy.maxMs, grown(policy, attempt)), random));
}

function spread(jitter: 'full' | 'equal' | 'none', ceiling: number, random: () => number): number {
  switch (jitter) {
    case 'full':
      return random() * ceiling;
    case 'equal':
      return (ceiling + random() * ceiling) / 2;
    case 'none':
      return ceiling;
  }
}

function grown(policy: BackoffPolicy, attempt: number): number {
  if (typeof policy.backoff === 'function') return ownGrowth(policy.backoff(attempt));
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

/** A wait that is none would retry without a pause. */
function ownGrowth(ms: number): number {
  return checkNumber('backoffDelayMs', 'backoff', ms, { min: 0 });
}
