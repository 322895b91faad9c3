import { DependencyError, OverloadError } from '@mainstay/types';
import CircuitBreaker from 'opossum';
import { raceAbort } from './abort-scope.ts';
import { type BreakerOptions, breakerPlan, type BreakerPlan } from './breaker-options.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerStateChange {
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

export type BreakerListener = (change: BreakerStateChange) => void;

/** Stops calling a dependency that fails, and lets one call through from time to time to see whether it is back. */
export interface Breaker {
  readonly name: string;
  readonly state: BreakerState;
  /**
   * Runs `fn` unless the circuit is open; then it rejects with `CIRCUIT_OPEN` without calling it, and
   * `details.retryAfterMs` says when the next probe is due.
   */
  execute<T>(fn: (signal: AbortSignal) => Promise<T> | T, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  /** Tells of every change of state. Returns the function that ends it. */
  on(event: 'state', listener: BreakerListener): () => void;
  /** Opens the circuit by hand; it is probed after `openMs` as usual. */
  trip(): void;
  /** Closes the circuit by hand. */
  reset(): void;
  /** Gives up the timers. Calls are refused from then on. */
  close(): void;
}

/** How a call ended for the statistics; `none` says nothing of the dependency's health. */
type Verdict = 'success' | 'failure' | 'none';

/**
 * A breaker. opossum keeps the window and the states; calls run outside of it and only their verdicts are fired
 * through it, because opossum counts filtered errors as successes (a cancelled probe would close the circuit) and
 * counts late results of the time before it opened.
 */
export function createBreaker(name: string, options: BreakerOptions = {}): Breaker {
  return new OpossumBreaker(name, breakerPlan(name, options));
}

const REPROBE_MS = 1_000;

class OpossumBreaker implements Breaker {
  readonly name: string;
  readonly #plan: BreakerPlan;
  readonly #inner: CircuitBreaker<[ok: boolean], void>;
  readonly #listeners = new Set<BreakerListener>();
  #state: BreakerState = 'closed';
  #era = 0;
  #probing = false;
  #closed = false;
  #openedAt = 0;

  constructor(name: string, plan: BreakerPlan) {
    this.name = name;
    this.#plan = plan;
    this.#inner = new CircuitBreaker<[ok: boolean], void>(replay, {
      name,
      timeout: false,
      resetTimeout: plan.openMs,
      // opossum opens above its threshold, we open at it
      errorThresholdPercentage: plan.failurePercent - 1e-9,
      volumeThreshold: plan.minimumCalls,
      rollingCountTimeout: plan.windowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    this.#inner.on('open', () => {
      this.#become('open');
    });
    this.#inner.on('halfOpen', () => {
      this.#become('half-open');
    });
    this.#inner.on('close', () => {
      this.#become('closed');
    });
  }

  get state(): BreakerState {
    return this.#state;
  }

  async execute<T>(fn: (signal: AbortSignal) => Promise<T> | T, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    const signal = options.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const era = this.#admit();
    const begun = this.#plan.clock.monotonic();
    try {
      const value = await raceAbort(() => fn(signal), signal);
      const tookMs = this.#plan.clock.monotonic() - begun;
      await this.#record(era, tookMs > this.#plan.slowCallMs ? 'failure' : 'success');
      return value;
    } catch (error) {
      await this.#record(era, signal.aborted ? 'none' : this.#plan.judge(error));
      throw error;
    }
  }

  on(_event: 'state', listener: BreakerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  trip(): void {
    if (!this.#closed) this.#inner.open();
  }

  reset(): void {
    if (!this.#closed) this.#inner.close();
  }

  close(): void {
    this.#closed = true;
    this.#inner.shutdown();
    this.#listeners.clear();
  }

  /** The era in which a call is let in. */
  #admit(): number {
    if (this.#closed) throw new OverloadError('SHUTTING_DOWN', `The breaker ${this.name} is closed for good`);
    if (this.#state === 'open' || this.#probing) throw this.#refusal();
    if (this.#state === 'half-open') this.#probing = true;
    return this.#era;
  }

  #refusal(): DependencyError {
    const leftMs = this.#openedAt + this.#plan.openMs - this.#plan.clock.monotonic();
    const retryAfterMs = Math.ceil(this.#probing ? REPROBE_MS : Math.max(1, leftMs));
    const message = `Calls to ${this.name} are stopped because too many failed; the next probe is due in ${retryAfterMs} ms`;
    return new DependencyError('CIRCUIT_OPEN', message, { details: { breaker: this.name, retryAfterMs }, retryAfterMs });
  }

  /** Verdicts from before the last change of state say nothing of the present one. */
  async #record(era: number, verdict: Verdict): Promise<void> {
    if (era !== this.#era || this.#closed) return;
    if (verdict === 'none') this.#probing = false;
    else await this.#inner.fire(verdict === 'success').catch(() => undefined);
  }

  #become(to: BreakerState): void {
    const change: BreakerStateChange = { name: this.name, from: this.#state, to };
    this.#state = to;
    this.#era += 1;
    this.#probing = false;
    if (to === 'open') this.#openedAt = this.#plan.clock.monotonic();
    for (const listener of this.#listeners) listener(change);
  }
}

async function replay(ok: boolean): Promise<void> {
  if (!ok) throw new Error('the call failed');
  return Promise.resolve();
}
