import { OverloadError } from '@mainstay/types';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';
import { remainingMs } from './deadline.ts';

export interface RateLimiterOptions {
  /** Calls per second in the long run. */
  readonly perSecond: number;
  /** Calls that may come at once after a rest. Default: those of one second, at least 1. */
  readonly burst?: number;
  /** Milliseconds that a call may wait for its turn; also no longer than the deadline of the work that calls. Default 0: it does not. */
  readonly maxWaitMs?: number;
  /** For messages. Default `rate limiter`. */
  readonly name?: string;
  readonly clock?: Clock;
}

export interface RateLimitedCall {
  readonly signal?: AbortSignal | undefined;
  /** For how many calls it counts: 1 to `burst`. Default 1. */
  readonly permits?: number;
}

/** Spreads calls over time, for what counts calls per second. It keeps one number, whatever the rate. */
export interface RateLimiter {
  /** Waits for its turn and runs `fn`; rejects with `RATE_LIMITED` and the time to come back when that would take too long. */
  run<T>(fn: () => Promise<T> | T, call?: RateLimitedCall): Promise<T>;
  /** Takes a turn, or several, if there are so many now. */
  tryTake(permits?: number): boolean;
  /**
   * No turn for so many milliseconds, and then one after the other: for an answer that says how long to stay away. Those that wait
   * already keep their turns.
   */
  pause(ms: number): void;
}

/**
 * The generic cell rate algorithm: a token bucket that is filled by looking at the clock.
 * @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { perSecond, maxWaitMs = 0, name = 'rate limiter', clock = systemClock } = options;
  const everyMs = 1_000 / checkNumber(name, 'perSecond', perSecond, { min: 1e-6, max: 1e9 });
  const burst = checkNumber(name, 'burst', options.burst ?? Math.max(1, Math.floor(perSecond)), { min: 1, integer: true });
  checkNumber(name, 'maxWaitMs', maxWaitMs, { min: 0 });
  /** When the bucket is full again. */
  let fullAt = clock.monotonic();

  /** Takes turns that come within the given time, and says when they come; without them, how much too late they would be. */
  const take = (withinMs: number, permits = 1): { readonly waitMs: number } | { readonly lateMs: number } => {
    if (permits !== 1) checkNumber(name, 'permits', permits, { min: 1, max: burst, integer: true });
    const now = clock.monotonic();
    const next = Math.max(fullAt, now) + permits * everyMs;
    const waitMs = Math.max(0, next - now - burst * everyMs);
    // sums of fractions are not exact
    if (waitMs > withinMs + 1e-6) return { lateMs: waitMs - withinMs };
    fullAt = next;
    return { waitMs };
  };

  return {
    async run(fn, { signal, permits } = {}) {
      signal?.throwIfAborted();
      const turn = take(Math.min(maxWaitMs, remainingMs()), permits);
      if ('lateMs' in turn) {
        const retryAfterMs = Math.ceil(turn.lateMs);
        throw new OverloadError('RATE_LIMITED', `${name}: more than ${perSecond} calls per second`, {
          details: { limiter: name },
          retryAfterMs,
        });
      }
      if (turn.waitMs > 0) await clock.sleep(turn.waitMs, signal);
      return fn();
    },
    tryTake: (permits) => 'waitMs' in take(0, permits),
    pause(ms) {
      checkNumber(name, 'ms', ms, { min: 0, max: Number.MAX_SAFE_INTEGER });
      fullAt = Math.max(fullAt, clock.monotonic() + ms + (burst - 1) * everyMs);
    },
  };
}
