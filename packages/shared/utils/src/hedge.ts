import { AbortScope } from './abort-scope.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock, type TimerHandle } from './clock.ts';
import { dispositionOf } from './disposition.ts';
import { FailedResult } from './failed-result.ts';
import type { MeasuredDelay } from './measured-delay.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface HedgeOptions<T = unknown> {
  /**
   * Milliseconds without an answer after which the call is made once more; a function is asked each time, and a measured delay is told how
   * long first calls took. `0`: all at once; `Infinity`: only after a failure.
   */
  readonly delayMs: number | (() => number) | MeasuredDelay;
  /** Calls in all, the first included. Default 2. */
  readonly maxCalls?: number;
  /** Pays for the further calls; without one, nothing bounds them. */
  readonly budget?: RetryBudget;
  readonly signal?: AbortSignal | undefined;
  /** An error after which another call may succeed where this one failed. Default: what `dispositionOf` calls retryable. */
  readonly shouldHedge?: (error: unknown) => boolean;
  /** True for results that are failures: another call may give a better one, else the last one is given back. Default: none are. */
  readonly isFailedResult?: (value: T) => boolean;
  /** Metrics: call number `call` (from 2) is about to be made. */
  readonly onHedge?: (call: number) => void;
  readonly clock?: Clock;
}

/** One of the calls. */
export interface HedgeCall {
  /** From 1. */
  readonly number: number;
  /** Aborts when another call was quicker, or the caller gives up. */
  readonly signal: AbortSignal;
}

/**
 * Makes the call again when it does not answer for a while, and takes the first answer; the others are told to stop. Only for work that
 * may be done twice at the same time. Rejects with the last error when all calls failed, and at once with an error that another call
 * would get as well.
 */
export async function hedge<T>(fn: (call: HedgeCall) => Promise<T> | T, options: HedgeOptions<T>): Promise<T> {
  options.signal?.throwIfAborted();
  options.budget?.deposit();
  return new Hedge(fn, options).run();
}

class Hedge<T> {
  readonly #fn: (call: HedgeCall) => Promise<T> | T;
  readonly #options: HedgeOptions<T>;
  readonly #clock: Clock;
  readonly #maxCalls: number;
  readonly #outcome = Promise.withResolvers<T>();
  readonly #scopes: AbortScope[] = [];
  #running = 0;
  #timer: TimerHandle | undefined;
  #over = false;

  constructor(fn: (call: HedgeCall) => Promise<T> | T, options: HedgeOptions<T>) {
    this.#fn = fn;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maxCalls = checkNumber('hedge', 'maxCalls', options.maxCalls ?? 2, { min: 1, max: 100, integer: true });
    if (typeof options.delayMs === 'number') checkNumber('hedge', 'delayMs', options.delayMs, { min: 0 });
  }

  async run(): Promise<T> {
    const { signal, delayMs } = this.#options;
    const measured = typeof delayMs === 'object' ? delayMs : undefined;
    const begun = measured === undefined ? 0 : this.#clock.monotonic();
    const onAbort = () => {
      this.#outcome.reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort);
    this.#call();
    try {
      const answer = await this.#outcome.promise;
      // of a first call that was not the quickest it is known that it takes longer than this
      measured?.observe(this.#clock.monotonic() - begun);
      return answer;
    } finally {
      this.#over = true;
      signal?.removeEventListener('abort', onAbort);
      this.#clock.clearTimeout(this.#timer);
      for (const scope of this.#scopes) {
        scope.abort(signal?.aborted === true ? signal.reason : ANSWERED);
        scope[Symbol.dispose]();
      }
    }
  }

  #call(): void {
    const scope = new AbortScope(this.#options.signal);
    this.#scopes.push(scope);
    this.#running += 1;
    const number = this.#scopes.length;
    this.#await();
    start(this.#fn, { number, signal: scope.signal }).then(
      (value) => {
        if (this.#options.isFailedResult?.(value) === true) this.#failed(new FailedResult(value));
        else this.#outcome.resolve(value);
      },
      (error: unknown) => {
        this.#failed(error);
      },
    );
  }

  /** Waits for an answer, then calls again. */
  #await(): void {
    if (this.#scopes.length >= this.#maxCalls) return;
    const waitMs = this.#delayMs;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = waitMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.setTimeout(() => this.#again(), waitMs);
  }

  get #delayMs(): number {
    const { delayMs } = this.#options;
    if (typeof delayMs === 'number') return delayMs;
    return typeof delayMs === 'object' ? delayMs.delayMs : Math.max(0, delayMs());
  }

  /** False if there is no further call to make. */
  #again(): boolean {
    const { budget, onHedge } = this.#options;
    if (this.#over || this.#scopes.length >= this.#maxCalls || budget?.withdraw() === false) return false;
    onHedge?.(this.#scopes.length + 1);
    this.#call();
    return true;
  }

  #failed(error: unknown): void {
    this.#running -= 1;
    if (this.#over) return;
    const { shouldHedge = (one: unknown) => dispositionOf(one) === 'retryable' } = this.#options;
    if (!(error instanceof FailedResult) && !shouldHedge(error)) this.#outcome.reject(error);
    else if (!this.#again() && this.#running === 0) this.#giveUp(error);
  }

  #giveUp(last: unknown): void {
    if (last instanceof FailedResult) this.#outcome.resolve(last.value as T);
    else this.#outcome.reject(last);
  }
}

const ANSWERED = new DOMException('Another call was quicker', 'AbortError');

async function start<T>(fn: (call: HedgeCall) => Promise<T> | T, call: HedgeCall): Promise<T> {
  return fn(call);
}
