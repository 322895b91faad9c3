import { isSampled, type KeptFor, type Logger, outOfContext, type SpanRecord, type Tracing } from '@mainstay/observability';
import { type Change, FINAL_RUN_STATUSES, type RunEvent, type RunEventType, type RunState } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import { placeOf } from './run-place.ts';
import { runSpans, type TracedRun } from './run-spans.ts';

export interface RunTracesDeps {
  readonly tracing: Tracing;
  readonly store: Pick<Store, 'events'>;
  readonly logger: Logger;
}

/** Runs whose events are collected, and events of all of them, at most. Those beyond are read from the store at their end. */
const MAX_RUNS = 10_000;
const MAX_EVENTS = 200_000;
/** Runs whose events wait to be read, at most; spans of further ones are dropped. */
const MAX_READS = 1_000;
const PAGE = 1_000;
const MAX_PAGES = 10;

/** Of no use to spans, and the only ones that may be large. */
const LEFT_OUT: ReadonlySet<RunEventType> = new Set(['task.progress', 'task.emitted', 'task.checkpointed', 'task.started']);

/** What of a run that is over is needed for its spans, beside its events; nothing that may be large. */
type EndedRun = TracedRun & Pick<RunState, 'traceparent'>;

interface Collected {
  readonly events: RunEvent[];
  /** Number of the last event that was seen. */
  seq: number;
}

/**
 * Tells the spans of runs when they end. Events of sampled runs are collected as they pass; where some passed elsewhere, and for
 * those that are kept though they are not sampled, they are read from the store.
 */
export class RunTraces {
  readonly #deps: RunTracesDeps;
  readonly #runs = new Map<string, Collected>();
  #events = 0;
  readonly #reads: { readonly run: RunState; readonly kept: KeptFor | undefined }[] = [];
  #reading: Promise<void> | undefined;

  constructor(deps: RunTracesDeps) {
    this.#deps = deps;
  }

  /** What was just written. Neither throws nor waits. */
  written(change: Change): void {
    const { before, state } = change;
    const sampled = isSampled(state.traceparent);
    if (sampled) this.#collect(change);
    if (before.status !== state.status && FINAL_RUN_STATUSES.has(state.status)) this.#over(state, sampled);
  }

  /** Tells the spans of a run that is over once more: they are the same. Rejects when its events cannot be read. */
  async again(run: RunState): Promise<void> {
    const sampled = isSampled(run.traceparent);
    const kept = sampled ? undefined : this.#keeps(run);
    if (sampled || kept !== undefined) this.#tell(run, await this.#load(run), kept);
  }

  /** Resolves when everything that is known to have ended is told. */
  async settle(): Promise<void> {
    await this.#reading;
  }

  #collect({ before, state, events }: Change): void {
    const known = this.#runs.get(state.id);
    if (known === undefined && before.seq > 0) return;
    if (known !== undefined && known.seq !== before.seq) {
      this.#forget(state.id);
      return;
    }
    const wanted = events.filter(({ type }) => !LEFT_OUT.has(type));
    this.#events += wanted.length;
    if (known === undefined) this.#runs.set(state.id, { events: wanted, seq: state.seq });
    else {
      known.events.push(...wanted);
      known.seq = state.seq;
    }
    if (this.#runs.size > MAX_RUNS || this.#events > MAX_EVENTS) this.#forgetOldest();
  }

  #over(run: RunState, sampled: boolean): void {
    const kept = sampled ? undefined : this.#keeps(run);
    if (!sampled && kept === undefined) return;
    const known = this.#runs.get(run.id);
    this.#forget(run.id);
    if (known?.seq === run.seq) this.#tell(run, known.events, kept);
    else this.#read(run, kept);
  }

  /**
   * An attempt that is kept for its error or its length belongs to a run that is kept as well: what failed or was lost was dispatched
   * again, or failed its run, or was replaced; and no attempt is longer than its run.
   */
  #keeps(run: RunState): KeptFor | undefined {
    const { status, createdAt, finishedAt = createdAt } = run;
    let failed = status === 'failed';
    for (const task of run.tasks.values()) failed ||= task.fence > 1 || (task.status === 'succeeded' && task.degraded);
    return this.#deps.tracing.keeps(finishedAt - createdAt, failed);
  }

  /** They are made some moments later, together with others: until then nothing of the state is held but what they need. */
  #tell(state: RunState, events: readonly RunEvent[], kept: KeptFor | undefined): void {
    const { tracing } = this.#deps;
    const { id, tenant, pipeline, version, correlationId, traceparent, tracestate } = state;
    const run = { id, tenant, pipeline, version, correlationId, traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
    tracing.recordLater(() => spansOf(run, events, kept), events.length);
  }

  #read(run: RunState, kept: KeptFor | undefined): void {
    if (this.#reads.length >= MAX_READS) {
      this.#deps.tracing.dropped(1, 'queue-full');
      return;
    }
    this.#reads.push({ run, kept });
    this.#reading ??= outOfContext(() => this.#readAll()).finally(() => {
      this.#reading = undefined;
    });
  }

  async #readAll(): Promise<void> {
    for (let next = this.#reads.shift(); next !== undefined; next = this.#reads.shift()) {
      try {
        this.#tell(next.run, await this.#load(next.run), next.kept);
      } catch (error) {
        this.#deps.tracing.dropped(1, 'failed');
        this.#deps.logger.debug({ err: error, run: next.run.id }, 'the events of a run could not be read for its trace');
      }
    }
  }

  async #load({ tenant, id }: RunState): Promise<readonly RunEvent[]> {
    const all: RunEvent[] = [];
    let after = 0;
    for (let page = 0; page < MAX_PAGES; page++) {
      const events = (await this.#deps.store.events(tenant, id, after, PAGE)) ?? [];
      for (const event of events) if (!LEFT_OUT.has(event.type)) all.push(event);
      after = events.at(-1)?.seq ?? after;
      if (events.length < PAGE) break;
    }
    return all;
  }

  #forget(run: string): void {
    this.#events -= this.#runs.get(run)?.events.length ?? 0;
    this.#runs.delete(run);
  }

  /** A Map keeps the order in which keys came. */
  #forgetOldest(): void {
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }
}

/** None when the run has no place in a trace. */
function spansOf(run: EndedRun, events: readonly RunEvent[], kept: KeptFor | undefined): Iterable<SpanRecord> {
  const place = placeOf(run);
  return place === undefined ? [] : runSpans(run, place, events, kept);
}
