import { CancelledError, ConflictError, OverloadError } from '@mainstay/types';
import { AbortScope, checkNumber, type Clock, systemClock } from '@mainstay/utils';
import type { Component, StepFailure, StepName } from './component.ts';
import type { LifecycleLogger } from './logger.ts';
import { runStep } from './run-step.ts';

/**
 * - `starting`: components are being started, or nobody has called `start` yet
 * - `ready`: all components run
 * - `draining`: no new work; work that runs is ended
 * - `stopped`: everything was stopped in order
 * - `failed`: the start failed, or a step of the shutdown did
 */
export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

export interface LifecycleOptions {
  readonly logger?: LifecycleLogger;
  /** Time that all components together have to drain, in milliseconds. Default 30,000. */
  readonly graceMs?: number;
  readonly clock?: Clock;
}

/** How a shutdown went. */
export interface ShutdownReport {
  readonly reason: string;
  readonly failures: readonly StepFailure[];
  readonly tookMs: number;
}

export interface Lifecycle {
  readonly state: LifecycleState;
  /** Since when the component of this name runs, in milliseconds of the monotonic clock; undefined before it has started. */
  runningSince(component: string): number | undefined;
  /** Aborts when draining begins. */
  readonly signal: AbortSignal;
  readonly logger: LifecycleLogger | undefined;
  /** Adds a component behind those that are there. Only before `start`. */
  add(component: Component): void;
  /** Starts the components in order. When one fails, those that run are stopped in reverse and the call rejects. */
  start(): Promise<void>;
  /** Drains, then stops all components in reverse order. Never rejects; later calls join the first. */
  shutdown(reason: string): Promise<ShutdownReport>;
  /** Calls the listener after every change of state. Returns the function that ends it. */
  onState(listener: (state: LifecycleState, before: LifecycleState) => void): () => void;
}

export function createLifecycle(options: LifecycleOptions = {}): Lifecycle {
  return new OrderedLifecycle(options);
}

class OrderedLifecycle implements Lifecycle {
  readonly logger: LifecycleLogger | undefined;
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #components: Component[] = [];
  readonly #running: Component[] = [];
  readonly #startedAt = new Map<string, number>();
  readonly #listeners = new Set<(state: LifecycleState, before: LifecycleState) => void>();
  readonly #draining = new AbortController();
  #state: LifecycleState = 'starting';
  #starting: Promise<void> | undefined;
  #shutdown: Promise<ShutdownReport> | undefined;

  constructor(options: LifecycleOptions) {
    this.logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#graceMs = checkNumber('lifecycle', 'graceMs', options.graceMs ?? 30_000, { min: 0 });
  }

  get state(): LifecycleState {
    return this.#state;
  }

  runningSince(component: string): number | undefined {
    return this.#startedAt.get(component);
  }

  get signal(): AbortSignal {
    return this.#draining.signal;
  }

  add(component: Component): void {
    if (this.#starting !== undefined || this.#state !== 'starting') {
      throw new ConflictError('CONFLICT', `Component ${component.name} was added after the start; add it before`, {
        disposition: 'terminal',
      });
    }
    if (this.#components.some(({ name }) => name === component.name)) {
      throw new ConflictError('CONFLICT', `There are two components named ${component.name}`, { disposition: 'terminal' });
    }
    this.#components.push(component);
  }

  start(): Promise<void> {
    this.#starting ??= this.#startAll();
    return this.#starting;
  }

  shutdown(reason: string): Promise<ShutdownReport> {
    this.#shutdown ??= this.#shutdownAll(reason);
    return this.#shutdown;
  }

  onState(listener: (state: LifecycleState, before: LifecycleState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #startAll(): Promise<void> {
    if (this.#shutdown !== undefined) throw new OverloadError('SHUTTING_DOWN', 'The process is shutting down and cannot be started');
    try {
      for (const component of this.#components) await this.#startOne(component);
    } catch (error) {
      if (!this.signal.aborted) await this.#fail(error);
      throw error;
    }
    this.#become('ready');
  }

  async #startOne(component: Component): Promise<void> {
    await runStep(component, 'start', this.signal, this.#clock);
    this.#running.push(component);
    this.#startedAt.set(component.name, this.#clock.monotonic());
    this.logger?.info({ component: component.name }, 'component started');
    if (!this.signal.aborted) return;
    throw new CancelledError('CANCELLED', 'The start was interrupted by a shutdown', { cause: this.signal.reason });
  }

  /** Undoes a start that failed; a shutdown that is asked for meanwhile joins. */
  async #fail(error: unknown): Promise<void> {
    this.logger?.error({ err: error }, 'the start failed');
    this.#shutdown = this.#end('the start failed', [{ component: 'lifecycle', step: 'start', error }], []);
    await this.#shutdown;
  }

  async #shutdownAll(reason: string): Promise<ShutdownReport> {
    const starting = this.#starting;
    const ended = this.#end(reason, [], ['drain'], () => starting?.catch(() => undefined));
    return await ended;
  }

  async #end(
    reason: string,
    before: readonly StepFailure[],
    extra: readonly StepName[],
    settled: () => Promise<void> | undefined = () => undefined,
  ): Promise<ShutdownReport> {
    const begun = this.#clock.monotonic();
    const failures = [...before];
    this.logger?.info({ reason, graceMs: this.#graceMs }, 'shutting down');
    this.#become('draining');
    this.#draining.abort(new CancelledError('SUSPENDED', `Shutting down: ${reason}`));
    await settled();
    using deadline = new AbortScope();
    const over = `The grace period of ${this.#graceMs} ms is over`;
    deadline.abortAfter(this.#clock, this.#graceMs, () => new CancelledError('SUSPENDED', over));
    for (const step of [...extra, 'stop'] as const) failures.push(...(await this.#reverse(step, deadline.signal)));
    const report: ShutdownReport = { reason, failures, tookMs: this.#clock.monotonic() - begun };
    this.logger?.info({ reason, tookMs: report.tookMs, failures: failures.length }, 'shut down');
    this.#become(failures.length === 0 ? 'stopped' : 'failed');
    return report;
  }

  async #reverse(step: StepName, deadline: AbortSignal): Promise<readonly StepFailure[]> {
    const failures: StepFailure[] = [];
    for (const component of this.#running.toReversed()) {
      if (component[step] === undefined) continue;
      try {
        await runStep(component, step, deadline, this.#clock);
      } catch (error) {
        failures.push({ component: component.name, step, error });
        this.logger?.error({ component: component.name, step, err: error }, 'a step of the shutdown failed');
      }
    }
    return failures;
  }

  #become(state: LifecycleState): void {
    const before = this.#state;
    this.#state = state;
    for (const listener of this.#listeners) {
      try {
        listener(state, before);
      } catch (error) {
        this.logger?.error({ err: error, state }, 'a listener of the lifecycle failed');
      }
    }
  }
}
