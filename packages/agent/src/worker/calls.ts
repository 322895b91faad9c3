import { MainstayError } from '@mainstay/types';
import {
  type Breaker,
  type Breakers,
  type BreakerStateChange,
  type Clock,
  createBreakers,
  createPolicy,
  createRetryBudgets,
  dispositionOf,
  type RetryBudgets,
} from '@mainstay/utils';
import type { CallTrace } from '../attempt/call-trace.ts';
import type { CallOptions, TaskLog } from '../task-context.ts';
import type { CallEnd, WorkerMetrics } from './worker-options.ts';

/** Names beyond these push out the one that was unused for longest, closed circuits first. */
const MAX_BREAKERS = 256;

/**
 * External calls of all attempts of a worker: retry outside, breaker inside, a limit for each try. What has the same name shares its
 * breaker and its budget of retries; whatever the options say, a call ends with the deadline of the attempt that makes it.
 */
export class Calls {
  readonly #clock: Clock;
  readonly #metrics: WorkerMetrics;
  readonly #breakers: Breakers;
  readonly #budgets: RetryBudgets;

  constructor(clock: Clock, metrics: WorkerMetrics, logger: TaskLog) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#breakers = createBreakers({
      clock,
      maxBreakers: MAX_BREAKERS,
      onState: (change) => {
        this.#metrics.breaker?.(change.name, change.to);
        tell(logger, change);
      },
    });
    this.#budgets = createRetryBudgets({ clock });
  }

  /** `trace`: told of each try, and of the end. */
  async call<T>(
    name: string,
    fn: (signal: AbortSignal) => Promise<T> | T,
    signal: AbortSignal,
    options: CallOptions,
    trace?: CallTrace,
  ): Promise<T> {
    const begun = this.#clock.monotonic();
    const end = (outcome: CallEnd['outcome'], thrown?: unknown): void => {
      this.#metrics.callEnded?.({ name, outcome, durationMs: this.#clock.monotonic() - begun });
      trace?.ended(outcome, thrown);
    };
    const traced = trace === undefined ? fn : (limit: AbortSignal) => (trace.tried(), fn(limit));
    try {
      const value = await this.#tried(name, traced, signal, options);
      end('succeeded');
      return value;
    } catch (error) {
      end(outcomeOf(error, signal), error ?? new Error('nothing was thrown'));
      throw error;
    }
  }

  close(): void {
    this.#breakers.close();
  }

  #breaker(name: string): Breaker {
    if (this.#breakers.find(name) === undefined) this.#metrics.breaker?.(name, 'closed');
    return this.#breakers.get(name);
  }

  #tried<T>(name: string, fn: (signal: AbortSignal) => Promise<T> | T, signal: AbortSignal, options: CallOptions): Promise<T> {
    const { timeoutMs = 30_000, maxAttempts = 4, baseMs = 200, maxMs = 5_000, idempotent = true } = options;
    const shouldRetry = options.shouldRetry ?? ((error: unknown) => dispositionOf(error) === 'retryable');
    const policy = createPolicy(name, {
      timeoutMs,
      breaker: this.#breaker(name),
      retry: {
        ...{ maxAttempts, baseMs, maxMs, idempotent, clock: this.#clock, budget: this.#budgets.for(name) },
        // an open circuit is not worth waiting for here: the task is retried when the circuit may be probed
        shouldRetry: (error) => !isOpen(error) && shouldRetry(error),
        onRetry: () => this.#metrics.callRetried?.(name),
      },
    });
    return policy.execute((attempt) => fn(attempt.signal), { signal });
  }
}

/** Half-open is said by the state that follows it. */
function tell(logger: TaskLog, { name: call, to, cause: err }: BreakerStateChange): void {
  if (to === 'open') logger.warn({ call, err }, 'a circuit opened: calls under this name are refused');
  if (to === 'closed') logger.info({ call }, 'a circuit closed: calls under this name are made again');
}

function outcomeOf(error: unknown, signal: AbortSignal): CallEnd['outcome'] {
  if (isOpen(error)) return 'refused';
  return signal.aborted ? 'cancelled' : 'failed';
}

function isOpen(error: unknown): boolean {
  return error instanceof MainstayError && error.code === 'CIRCUIT_OPEN';
}
