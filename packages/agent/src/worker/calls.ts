import { MainstayError } from '@mainstay/types';
import { type Breaker, type Clock, createBreaker, dispositionOf, retry } from '@mainstay/utils';
import type { CallOptions } from '../task-context.ts';

/** Names beyond these push out the one that was unused for longest. */
const MAX_BREAKERS = 256;

/** External calls of all attempts of a worker: they share one breaker per name. */
export class Calls {
  readonly #clock: Clock;
  readonly #breakers = new Map<string, Breaker>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  call<T>(name: string, fn: (signal: AbortSignal) => Promise<T> | T, signal: AbortSignal, options: CallOptions): Promise<T> {
    const shouldRetry = options.shouldRetry ?? ((error: unknown) => dispositionOf(error) === 'retryable');
    return retry((attempt) => this.#breaker(name).execute(fn, { signal: attempt.signal }), {
      name,
      signal,
      clock: this.#clock,
      attemptTimeoutMs: options.timeoutMs ?? 30_000,
      maxAttempts: options.maxAttempts ?? 4,
      baseMs: options.baseMs ?? 200,
      maxMs: options.maxMs ?? 5_000,
      // an open circuit is not worth waiting for here: the task is retried when the circuit may be probed
      shouldRetry: (error) => !isOpen(error) && shouldRetry(error),
    });
  }

  close(): void {
    for (const breaker of this.#breakers.values()) breaker.close();
    this.#breakers.clear();
  }

  #breaker(name: string): Breaker {
    const breaker = this.#breakers.get(name) ?? createBreaker(name, { clock: this.#clock });
    this.#breakers.delete(name);
    this.#breakers.set(name, breaker);
    const [oldest] = this.#breakers;
    if (this.#breakers.size > MAX_BREAKERS && oldest !== undefined) {
      this.#breakers.delete(oldest[0]);
      oldest[1].close();
    }
    return breaker;
  }
}

function isOpen(error: unknown): boolean {
  return error instanceof MainstayError && error.code === 'CIRCUIT_OPEN';
}
