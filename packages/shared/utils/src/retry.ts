import pRetry from 'p-retry';
import { AbortScope } from './abort-scope.ts';
import { type Bound, BoundedCall } from './bounded-call.ts';
import { currentDeadline } from './deadline.ts';
import { FailedResult } from './failed-result.ts';
import { limitOf } from './limits.ts';
import { nextStep, type RetryOptions, retryPlan, type RetryPlan } from './retry-options.ts';
import { timeoutError } from './with-timeout.ts';

/** One try. */
export interface RetryAttempt {
  /** From 1. */
  readonly number: number;
  /** Aborts when the caller gives up, the attempt's time is over or the total time is over. */
  readonly signal: AbortSignal;
}

export type RetryWork<T> = (attempt: RetryAttempt) => Promise<T> | T;

/** A way of trying again, made once and used for many calls. */
export interface Retry {
  /** Runs the work as {@link retry} does. */
  run<T>(fn: RetryWork<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
}

/**
 * Tries `fn` until it succeeds, fails for good, or the bounds are reached; then it rejects with the last error.
 * Waits as {@link backoffDelayMs} says, but never shorter than the error's `retryAfterMs`. When the next wait would
 * outlast `totalTimeoutMs` or the deadline of the work that calls, it gives up at once. Aborting the signal ends a wait and abandons a
 * running attempt at once.
 */
export async function retry<T>(fn: RetryWork<T>, options: RetryOptions = {}): Promise<T> {
  return createRetry(options).run(fn, { signal: options.signal });
}

/**
 * The options of many calls, checked once: cheaper than {@link retry} where calls are frequent. `options.signal` is ignored.
 * @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value.
 */
export function createRetry(options: RetryOptions = {}): Retry {
  return new PlannedRetry(retryPlan(options));
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

/** The first attempt is made here, since most calls need no other; when it fails, p-retry runs the loop, beginning with its failure. */
class PlannedRetry implements Retry {
  readonly #plan: RetryPlan;
  readonly #first: Bound;
  readonly #further: Bound;

  constructor(plan: RetryPlan) {
    this.#plan = plan;
    const { name, clock, attemptTimeoutMs, totalTimeoutMs } = plan;
    const bound = (ms: number): Bound => ({ name, clock, limit: limitOf(clock, ms), reason: () => timeoutError(name, ms) });
    this.#first = bound(Math.min(attemptTimeoutMs, totalTimeoutMs));
    this.#further = bound(attemptTimeoutMs);
  }

  async run<T>(fn: RetryWork<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T> {
    const { totalTimeoutMs, clock, budget, isFailedResult } = this.#plan;
    const signal = options?.signal;
    const totalUntil = totalTimeoutMs === Number.POSITIVE_INFINITY ? totalTimeoutMs : clock.monotonic() + totalTimeoutMs;
    budget?.deposit();
    let value: T;
    try {
      value = await new BoundedCall<T>(this.#first).run(fn, signal);
    } catch (error) {
      signal?.throwIfAborted();
      return this.#again(fn, error, totalUntil, signal);
    }
    if (isFailedResult?.(value) !== true) return value;
    return this.#again(fn, new FailedResult(value), totalUntil, signal);
  }

  async #again<T>(fn: RetryWork<T>, first: unknown, totalUntil: number, signal: AbortSignal | undefined): Promise<T> {
    const { clock, name, totalTimeoutMs, maxAttempts, isFailedResult, onRetry, onGiveUp, onRecover } = this.#plan;
    let last = first;
    let previousMs: number | undefined;
    let attempts = 1;
    using scope = new AbortScope(signal);
    scope.abortAfter(clock, totalUntil - clock.monotonic(), () => timeoutError(name, totalTimeoutMs, last));
    try {
      return await pRetry(
        async (number) => {
          if (number === 1) throw new AttemptFailure(first);
          attempts = number;
          const value = await this.#attempt(fn, number, scope.signal);
          if (isFailedResult?.(value) === true) throw new AttemptFailure(new FailedResult(value));
          onRecover?.(number);
          return value;
        },
        {
          // one more than are made: the step decides which is the last
          retries: maxAttempts,
          minTimeout: 0,
          signal: scope.signal,
          shouldRetry: async ({ error, attemptNumber: attempt }) => {
            last = thrownOf(error);
            const leftMs = Math.min(totalUntil - clock.monotonic(), currentDeadline()?.leftMs() ?? Number.POSITIVE_INFINITY);
            const step = nextStep(this.#plan, { error: last, attempt, previousMs, leftMs });
            if ('giveUp' in step) {
              onGiveUp?.({ reason: step.giveUp, attempts: attempt, error: last });
              return false;
            }
            onRetry?.({ attempt, delayMs: step.delayMs, error: last });
            previousMs = step.delayMs;
            await clock.sleep(step.delayMs, scope.signal);
            return true;
          },
        },
      );
    } catch (error) {
      if (scope.signal.aborted && signal?.aborted !== true) onGiveUp?.({ reason: 'time', attempts, error: last });
      const thrown = thrownOf(error);
      if (thrown instanceof FailedResult) return thrown.value as T;
      throw thrown;
    }
  }

  async #attempt<T>(fn: RetryWork<T>, number: number, signal: AbortSignal): Promise<T> {
    try {
      return await new BoundedCall<T>(this.#further, number).run(fn, signal);
    } catch (error) {
      throw new AttemptFailure(error);
    }
  }
}

function thrownOf(error: unknown): unknown {
  return error instanceof AttemptFailure ? error.thrown : error;
}
