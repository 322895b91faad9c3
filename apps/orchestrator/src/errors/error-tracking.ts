import { createErrorTracker, type ErrorContext, type ErrorDelta, type ErrorTracker, type SentryExporter } from '@mainstay/hardening';
import { type Logger, redactText } from '@mainstay/observability';
import { type Clock, systemClock, withTimeout } from '@mainstay/utils';
import type { TaskFailure } from '../engine/task-failure.ts';
import { Trouble } from '../engine/trouble.ts';
import type { Store } from '../store/store.ts';
import { ErrorOutbox } from './error-outbox.ts';
import { thrownFailure } from './thrown-failure.ts';

export interface ErrorTrackingDeps {
  readonly store: Pick<Store, 'now' | 'countErrors'>;
  /** Names this process in the store; unique. */
  readonly source: string;
  /** Tenant of errors that belong to no run. */
  readonly ownTenant: string;
  readonly logger: Logger;
  /** Is told of every error, too. Ended by {@link ErrorTracking.stop}. */
  readonly exporter?: Pick<SentryExporter, 'send' | 'close'>;
  readonly clock?: Clock;
  /** Between two hand-overs to the store. Default 5,000. */
  readonly everyMs?: number;
}

/** Groups of one tenant, and tenants, that are held between two hand-overs. */
const MAX_GROUPS = 200;
const MAX_TENANTS = 50;
/** Handing over at the end takes no longer. */
const LAST_FLUSH_MS = 3_000;

/**
 * Counts errors in groups, each tenant's by itself, and hands them to the store every few seconds. What a process that dies had not
 * handed over is not counted; nothing is counted twice. Memory is bounded: what does not fit is dropped, and said to be.
 */
export class ErrorTracking {
  readonly #deps: ErrorTrackingDeps;
  readonly #clock: Clock;
  readonly #outbox: ErrorOutbox;
  readonly #trouble: Trouble;
  readonly #trackers = new Map<string, ErrorTracker>();
  /** Tenants whose trackers have what was not handed over. */
  readonly #unsettled = new Set<string>();
  readonly #stopping = new AbortController();
  #lost = 0;
  #told = 0;
  #running: Promise<void> | undefined;

  constructor(deps: ErrorTrackingDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#outbox = new ErrorOutbox(deps.store, deps.source);
    this.#trouble = new Trouble('storing counts of errors', deps.logger, this.#clock);
  }

  /** Occurrences that were dropped, for lack of room or because the store refused them. */
  get lost(): number {
    let lost = this.#lost + this.#outbox.refused;
    for (const tracker of this.#trackers.values()) lost += tracker.lost;
    return lost;
  }

  /** An error of this process itself. */
  own(error: Error): void {
    this.#record(this.#deps.ownTenant, error, { tags: { source: this.#deps.source } });
  }

  /** An attempt of an agent. */
  failed({ tenant, run, pipeline, stage, agent, error }: TaskFailure): void {
    this.#record(tenant, thrownFailure(error), { run, tags: { tenant, pipeline, stage, agent } });
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Hands over what there is, in bounded time, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await withTimeout(() => this.flush(), LAST_FLUSH_MS, { name: 'storing counts of errors', clock: this.#clock }).catch(() => undefined);
    await this.#deps.exporter?.close();
  }

  /** Hands over what was counted; what cannot be is tried again with the next one. Never rejects. */
  async flush(): Promise<void> {
    try {
      for (const [tenant, tracker] of [...this.#trackers]) await this.#flushOne(tenant, tracker);
      await this.#outbox.flush();
      this.#trouble.worked();
    } catch (error) {
      this.#trouble.failed(error);
    }
    const { lost } = this;
    if (lost > this.#told) this.#deps.logger.warn({ lost: lost - this.#told }, 'errors were dropped without being counted');
    this.#told = lost;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(this.#deps.everyMs ?? 5_000, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.flush();
    }
  }

  #record(tenant: string, error: Error, context: ErrorContext): void {
    const tracker = this.#trackers.get(tenant) ?? this.#track(tenant);
    if (tracker === undefined) {
      this.#lost += 1;
      return;
    }
    this.#unsettled.add(tenant);
    tracker.record(error, context);
  }

  /** Undefined when there is no room. */
  #track(tenant: string): ErrorTracker | undefined {
    if (this.#trackers.size >= MAX_TENANTS) return undefined;
    const { store, exporter } = this.#deps;
    const tracker = createErrorTracker({
      maxGroups: MAX_GROUPS,
      clock: storeClock(store, this.#clock),
      // errors carry what was being said when they happened: connection strings, headers
      clean: redactText,
      store: (deltas) => this.#outbox.write(tenant, deltas.map(withoutEmptyStack)),
      ...(exporter && {
        onError: (occurrence) => {
          exporter.send(occurrence);
        },
      }),
    });
    this.#trackers.set(tenant, tracker);
    return tracker;
  }

  async #flushOne(tenant: string, tracker: ErrorTracker): Promise<void> {
    this.#unsettled.delete(tenant);
    try {
      await tracker.flush();
    } catch (error) {
      this.#unsettled.add(tenant);
      throw error;
    }
    // nothing of it is here only, and the room may be needed
    if (this.#unsettled.has(tenant) || this.#trackers.size <= MAX_TENANTS / 2) return;
    this.#trackers.delete(tenant);
    this.#lost += tracker.lost;
  }
}

/** Groups and what people do with them are dated by one clock. */
function storeClock(store: Pick<Store, 'now'>, clock: Clock): Clock {
  return {
    now: () => store.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
    clearTimeout: (handle) => {
      clock.clearTimeout(handle);
    },
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

/** Errors that came without a stack have an empty one: see `thrownFailure`. */
function withoutEmptyStack(delta: ErrorDelta): ErrorDelta {
  const { message, stack } = delta.sample;
  return stack === '' ? { ...delta, sample: { message } } : delta;
}
