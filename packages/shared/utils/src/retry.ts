import pRetry from 'p-retry';
import { AbortScope, raceAbort } from './abort-scope.ts';
import { backoffDelayMs } from './backoff.ts';
import { type RetryOptions, type RetryPlan, askedDelayMs, retryPlan } from './retry-options.ts';
import { timeoutError, withTimeout } from './with-timeout.ts';

/** One try. */
export interface RetryAttempt {
  /** From 1. */
  readonly number: number;
  /** Aborts when the caller gives up, the attempt's time is over or the total time is over. */
  readonly signal: AbortSignal;
}

/**
 * Carries whatever an attempt threw through p-retry unchanged: p-retry itself refuses to retry any TypeError and
 * replaces thrown values that are not errors.
 */
class AttemptFailure extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super('the attempt failed');
    this.thrown = thrown;
  }
}

/**
 * Tries `fn` until it succeeds, fails for good, or the bounds are reached; then it rejects with the last error.
 * Waits as {@link backoffDelayMs} says, but never shorter than the error's `retryAfterMs`. When the next wait would
 * outlast `totalTimeoutMs`, it gives up at once. Aborting the signal ends a wait and abandons a running attempt at once.
 */
export async function retry<T>(fn: (attempt: RetryAttempt) => Promise<T> | T, options: RetryOptions = {}): Promise<T> {
  const plan = retryPlan(options);
  const { clock } = plan;
  const deadline = clock.monotonic() + plan.totalTimeoutMs;
  let last: unknown;
  using scope = new AbortScope(options.signal);
  scope.abortAfter(clock, plan.totalTimeoutMs, () => timeoutError(plan.name, plan.totalTimeoutMs, last));
  try {
    return await pRetry((number) => tryOnce(fn, number, plan, scope.signal), {
      retries: plan.maxAttempts - 1,
      minTimeout: 0,
      signal: scope.signal,
      shouldRetry: async ({ error, attemptNumber }) => {
        last = thrownOf(error);
        if (!plan.shouldRetry(last)) return false;
        const delayMs = Math.max(backoffDelayMs(plan, attemptNumber, plan.random), askedDelayMs(last));
        if (clock.monotonic() + delayMs >= deadline) return false;
        options.onRetry?.({ attempt: attemptNumber, delayMs, error: last });
        await clock.sleep(delayMs, scope.signal);
        return true;
      },
    });
  } catch (error) {
    throw thrownOf(error);
  }
}

async function tryOnce<T>(fn: (attempt: RetryAttempt) => Promise<T> | T, number: number, plan: RetryPlan, signal: AbortSignal): Promise<T> {
  try {
    if (plan.attemptTimeoutMs === Number.POSITIVE_INFINITY) return await raceAbort(() => fn({ number, signal }), signal);
    const { name, clock } = plan;
    return await withTimeout((own) => fn({ number, signal: own }), plan.attemptTimeoutMs, { signal, name, clock });
  } catch (error) {
    throw new AttemptFailure(error);
  }
}

function thrownOf(error: unknown): unknown {
  return error instanceof AttemptFailure ? error.thrown : error;
}
