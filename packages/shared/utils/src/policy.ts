import { callOf } from './bounded-call.ts';
import type { Breaker } from './breaker.ts';
import { type Bulkhead, type BulkheadCall, type BulkheadOptions, createBulkhead } from './bulkhead.ts';
import { createBreaker } from './circuit-breaker.ts';
import type { BreakerOptions } from './circuit-breaker-options.ts';
import { createRetry, type RetryAttempt, type RetryWork } from './retry.ts';
import type { RetryOptions } from './retry-options.ts';
import { defaultLevels } from './timeout-levels.ts';

export interface PolicyOptions {
  /** Of each attempt, its wait for a place included. Default: the operation level's 10,000. */
  readonly timeoutMs?: number;
  /** `false`: one attempt. Its `attemptTimeoutMs`, `name` and `signal` are the policy's. */
  readonly retry?: Omit<RetryOptions, 'attemptTimeoutMs' | 'name' | 'signal'> | false;
  /** One that others use as well, or options for one of its own. `false`: none. */
  readonly breaker?: Breaker | BreakerOptions | false;
  /** One that others use as well, or options for one of its own. Default: none. */
  readonly bulkhead?: Bulkhead | BulkheadOptions | false;
}

/** What stands between a caller and a dependency. */
export interface Policy {
  readonly name: string;
  readonly breaker: Breaker | undefined;
  readonly bulkhead: Bulkhead | undefined;
  /** Runs the work under all of it. */
  execute<T>(fn: RetryWork<T>, call?: BulkheadCall): Promise<T>;
}

/**
 * Retry, bulkhead, breaker and timeout put together in the order that works: each attempt takes its own place and is judged by itself,
 * its time is over for good when it is over, a wait between attempts holds no place, and an open circuit is waited for, not hammered.
 * @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value.
 */
export function createPolicy(name: string, options: PolicyOptions = {}): Policy {
  const { timeoutMs = defaultLevels.operation.ms, retry = {} } = options;
  const { clock, ...rest } = retry === false ? { maxAttempts: 1 } : { ...retry };
  const onClock = clock === undefined ? {} : { clock };
  const breaker = breakerOf(name, options.breaker ?? {}, onClock);
  const bulkhead = bulkheadOf(name, options.bulkhead ?? false, onClock);
  const retrier = createRetry({ ...rest, ...onClock, name, attemptTimeoutMs: timeoutMs });

  /** The work of one attempt. */
  const attemptOf =
    <T>(fn: RetryWork<T>, call: BulkheadCall | undefined) =>
    (attempt: RetryAttempt): Promise<T> | T => {
      const guarded = () => (breaker === undefined ? fn(attempt) : breaker.execute(() => fn(attempt), attempt));
      if (bulkhead === undefined) return guarded();
      const within = callOf(attempt);
      const place = { tenant: call?.tenant, priority: call?.priority };
      return bulkhead.run(guarded, within === undefined ? { ...place, signal: attempt.signal } : { ...place, within });
    };

  return { name, breaker, bulkhead, execute: (fn, call) => retrier.run(attemptOf(fn, call), call) };
}

type OnClock = Pick<RetryOptions, 'clock'>;

function breakerOf(name: string, given: Breaker | BreakerOptions | false, onClock: OnClock): Breaker | undefined {
  if (given === false) return undefined;
  return 'execute' in given ? given : createBreaker(name, { ...onClock, ...given });
}

function bulkheadOf(name: string, given: Bulkhead | BulkheadOptions | false, onClock: OnClock): Bulkhead | undefined {
  if (given === false) return undefined;
  return 'run' in given ? given : createBulkhead({ name, ...onClock, ...given });
}
