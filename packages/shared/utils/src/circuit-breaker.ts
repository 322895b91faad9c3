import { DependencyError, OverloadError } from '@mainstay/types';
import { type Bound, BoundedCall, callOf, type OuterCall } from './bounded-call.ts';
import type { Breaker, BreakerListener, BreakerState, BreakerStateChange, BreakerStats } from './breaker.ts';
import { CallWindow } from './call-window.ts';
import { type CircuitOptions, decide, type WindowTotals } from './circuit.ts';
import { type BreakerOptions, breakerPlan, type BreakerPlan, type Verdict } from './circuit-breaker-options.ts';
import { RollingWindow } from './rolling-window.ts';

/** A breaker: a window and a state. It has no timer; opossum decides what failures and probes make of its state. */
export function createBreaker(name: string, options: BreakerOptions = {}): Breaker {
  return new WindowedBreaker(name, breakerPlan(name, options));
}

const REPROBE_MS = 1_000;

class WindowedBreaker implements Breaker {
  readonly name: string;
  readonly #plan: BreakerPlan;
  readonly #window: RollingWindow | CallWindow;
  #bound: Bound | undefined;
  #listeners: Set<BreakerListener> | undefined;
  #state: BreakerState = 'closed';
  /** Counts changes of state: verdicts from before the last one say nothing of the present state. */
  #era = 0;
  #probesOut = 0;
  #probesPassed = 0;
  /** When the last probe began. */
  #probedAt = 0;
  #closed = false;
  #probeAt = 0;
  /** Open times in a row. */
  #openings = 0;
  #refused = 0;

  constructor(name: string, plan: BreakerPlan) {
    this.name = name;
    this.#plan = plan;
    this.#window =
      plan.windowCalls === undefined ? new RollingWindow(plan.windowMs, plan.clock.monotonic()) : new CallWindow(plan.windowCalls);
  }

  get state(): BreakerState {
    return this.#state === 'open' && this.#plan.clock.monotonic() >= this.#probeAt ? 'half-open' : this.#state;
  }

  get stats(): BreakerStats {
    return { state: this.state, refused: this.#refused, ...this.#totals() };
  }

  execute<T>(fn: (signal: AbortSignal) => Promise<T> | T, options?: { readonly signal?: AbortSignal | undefined }): Promise<T> {
    const outer = callOf(options);
    if (outer !== undefined) return this.#within(fn, outer);
    const signal = options?.signal;
    if (signal === undefined) return this.#alone(fn, new AbortController().signal);
    this.#bound ??= { name: this.name, clock: this.#plan.clock, limit: undefined, reason: () => undefined };
    return new BoundedCall<T>(this.#bound).run((call) => this.#within(fn, call), signal);
  }

  on(_event: 'state', listener: BreakerListener): () => void {
    const listeners = (this.#listeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  trip(openMs?: number): void {
    if (!this.#closed) this.#open(openMs ?? this.#plan.openMs);
  }

  reset(): void {
    if (!this.#closed) this.#shut();
  }

  close(): void {
    this.#closed = true;
    this.#listeners?.clear();
  }

  /** A call that nobody can give up. */
  async #alone<T>(fn: (signal: AbortSignal) => Promise<T> | T, signal: AbortSignal): Promise<T> {
    const era = this.#admit();
    const begun = this.#begun();
    let value: T;
    try {
      value = await fn(signal);
    } catch (error) {
      await this.#record(era, this.#plan.judge(error), error);
      throw error;
    }
    await this.#succeed(era, begun, value);
    return value;
  }

  /** A call within another that may be given up, which is a verdict at once. */
  async #within<T>(fn: (signal: AbortSignal) => Promise<T> | T, outer: OuterCall): Promise<T> {
    outer.throwIfAbandoned();
    let era = this.#admit();
    const begun = this.#begun();
    const onAbandoned = (reason: unknown): void => {
      void this.#record(era, this.#plan.judgeAbandoned(reason), reason);
      era = -1;
    };
    outer.watch(onAbandoned);
    let value: T;
    try {
      value = await fn(outer.signal);
    } catch (error) {
      await this.#record(era, this.#plan.judge(error), error);
      throw error;
    } finally {
      outer.unwatch(onAbandoned);
    }
    await this.#succeed(era, begun, value);
    return value;
  }

  #begun(): number {
    return this.#plan.slowCallMs === Number.POSITIVE_INFINITY ? 0 : this.#plan.clock.monotonic();
  }

  /** Undefined when there is nothing to wait for. */
  #succeed(era: number, begun: number, value: unknown): Promise<void> | undefined {
    const { slowCallMs, clock, isFailedResult } = this.#plan;
    const now = clock.monotonic();
    const failed = now - begun > slowCallMs || isFailedResult?.(value) === true;
    if (failed || this.#state !== 'closed' || era !== this.#era) return this.#record(era, failed ? 'failure' : 'success');
    this.#window.record(now, false);
    return undefined;
  }

  /** The era in which a call is let in. */
  #admit(): number {
    if (this.#state === 'closed' && !this.#closed) return this.#era;
    if (this.#closed) throw new OverloadError('SHUTTING_DOWN', `The breaker ${this.name} is closed for good`);
    const now = this.#plan.clock.monotonic();
    if (this.#state === 'open') {
      if (now < this.#probeAt) throw this.#refusal();
      this.#become('half-open');
    }
    if (this.#probesOut + this.#probesPassed >= this.#plan.probes) {
      // a probe that hangs must not keep the circuit from ever closing
      if (now - this.#probedAt < this.#plan.openMs) throw this.#refusal();
      this.#become('half-open');
    }
    this.#probedAt = now;
    this.#probesOut += 1;
    return this.#era;
  }

  #refusal(): DependencyError {
    this.#refused += 1;
    const leftMs = this.#state === 'half-open' ? REPROBE_MS : this.#probeAt - this.#plan.clock.monotonic();
    const retryAfterMs = Math.ceil(Math.min(Math.max(1, leftMs), this.#plan.maxOpenMs));
    const message = `Calls to ${this.name} are stopped because too many failed; the next probe is due in ${retryAfterMs} ms`;
    return new DependencyError('CIRCUIT_OPEN', message, { details: { breaker: this.name, retryAfterMs }, retryAfterMs });
  }

  async #record(era: number, verdict: Verdict, cause?: unknown): Promise<void> {
    if (era !== this.#era || this.#closed) return;
    if (this.#state === 'half-open') await this.#recordProbe(verdict, cause);
    else if (verdict !== 'none') {
      this.#window.record(this.#plan.clock.monotonic(), verdict === 'failure');
      if (verdict === 'failure') await this.#tell(false, cause);
    }
  }

  async #recordProbe(verdict: Verdict, cause: unknown): Promise<void> {
    this.#probesOut -= 1;
    if (verdict === 'none') return;
    if (verdict === 'success') this.#probesPassed += 1;
    if (verdict === 'failure' || this.#probesPassed >= this.#plan.probes) await this.#tell(verdict === 'success', cause);
  }

  async #tell(ok: boolean, cause: unknown): Promise<void> {
    const era = this.#era;
    const decision = await decide(this.#options, this.#state === 'half-open' ? 'half-open' : 'closed', this.#totals(), ok);
    // what came before the answer has changed the state already
    if (era !== this.#era || this.#closed || decision === 'same') return;
    if (decision === 'open') this.#open(this.#plan.openMs, cause);
    else this.#shut();
  }

  get #options(): CircuitOptions {
    return { name: this.name, failurePercent: this.#plan.failurePercent, minimumCalls: this.#plan.minimumCalls };
  }

  #totals(): WindowTotals {
    return this.#window.totals(this.#plan.clock.monotonic());
  }

  #open(openMs: number, cause?: unknown): void {
    const { openGrowth, maxOpenMs, clock } = this.#plan;
    const forMs =
      openMs === Number.POSITIVE_INFINITY
        ? openMs
        : Math.min(Math.max(maxOpenMs, this.#plan.openMs), openMs * openGrowth ** this.#openings);
    this.#openings += 1;
    this.#probeAt = clock.monotonic() + forMs;
    this.#become('open', cause);
  }

  #shut(): void {
    this.#openings = 0;
    this.#window.clear();
    this.#become('closed');
  }

  #become(to: BreakerState, cause?: unknown): void {
    const change: BreakerStateChange = { name: this.name, from: this.#state, to, ...(cause === undefined ? {} : { cause }) };
    this.#state = to;
    this.#era += 1;
    this.#probesOut = 0;
    this.#probesPassed = 0;
    if (change.from === to) return;
    for (const listener of this.#listeners ?? []) listener(change);
  }
}
