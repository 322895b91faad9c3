import {
  type ActiveTrace,
  ATTR,
  attemptSpanId,
  type Attributes,
  callSpanId,
  dispatchSpanId,
  formatTraceparent,
  parseTraceparent,
  queueSpanId,
  spanError,
  spanErrorOf,
  type SpanRecord,
  type Tracing,
} from '@mainstay/observability';
import { type Outcome, type TaskMessage, uuidTime } from '@mainstay/types';
import type { CallSpan } from '../task-context.ts';

/** Spans of calls that an attempt of an unsampled trace holds until it is known whether they are wanted. */
const MAX_HELD = 64;

/** What is known of an attempt at its end. */
export interface AttemptEndFacts {
  readonly worker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined: another attempt has the task. */
  readonly outcome: Outcome | undefined;
}

/** The place of an attempt in its trace, and its spans. Ids are made when they are asked for: most attempts are not sampled. */
export class AttemptTrace implements ActiveTrace {
  readonly #tracing: Tracing;
  readonly #task: TaskMessage;
  readonly #traceId: string;
  readonly #sampled: boolean;
  #spanId: string | undefined;
  #calls = 0;
  #held: SpanRecord[] | undefined;

  constructor(tracing: Tracing, task: TaskMessage) {
    const { traceId = '', sampled = false } = parseTraceparent(task.traceparent) ?? {};
    this.#tracing = tracing;
    this.#task = task;
    this.#traceId = traceId;
    this.#sampled = sampled;
  }

  get traceparent(): string {
    if (this.#traceId === '') return this.#task.traceparent;
    return formatTraceparent({ traceId: this.#traceId, spanId: this.#id, sampled: this.#sampled });
  }

  get tracestate(): string | undefined {
    return this.#task.tracestate;
  }

  /** A call to the outside begins. */
  call(name: string): CallTrace {
    const { run, task, fence } = this.#task;
    this.#calls += 1;
    const spanId = callSpanId(run, task, fence, this.#calls);
    const traceparent =
      this.#traceId === '' ? this.#task.traceparent : formatTraceparent({ traceId: this.#traceId, spanId, sampled: this.#sampled });
    return new CallTrace(name, { traceparent, tracestate: this.tracestate }, (call) => {
      this.#tell({ ...this.#common, ...call, spanId, parentSpanId: this.#id, attributes: { ...this.#ids, ...call.attributes } });
    });
  }

  end({ worker, startedAt, endedAt, outcome }: AttemptEndFacts): void {
    if (this.#traceId === '') return;
    const code = outcome === undefined ? 'LEASE_LOST' : outcome.status === 'failed' ? outcome.error.code : undefined;
    const failed = code !== undefined;
    const kept = this.#sampled ? undefined : this.#tracing.keeps(endedAt - startedAt, failed);
    if (!this.#sampled && kept === undefined) return;
    const { run, task, fence, attempt, agent, id } = this.#task;
    const parentSpanId = dispatchSpanId(run, task, fence);
    const sentAt = uuidTime(id);
    if (sentAt !== undefined && sentAt < startedAt) {
      const attributes = { ...this.#ids, [ATTR.waitFor]: 'queue' };
      const spanId = queueSpanId(run, task, fence);
      this.#record({ ...this.#common, spanId, parentSpanId, name: 'wait queue', startMs: sentAt, endMs: startedAt, attributes });
    }
    for (const held of this.#held ?? []) this.#record(held);
    this.#record({
      ...{
        ...this.#common,
        spanId: this.#id,
        parentSpanId,
        name: `attempt ${agent}`,
        kind: 'consumer',
        startMs: startedAt,
        endMs: endedAt,
      },
      attributes: {
        ...this.#ids,
        [ATTR.attempt]: attempt,
        [ATTR.fence]: fence,
        [ATTR.worker]: worker,
        [ATTR.outcome]: outcome?.status ?? 'lost',
        [ATTR.kept]: kept,
      },
      error: code === undefined ? undefined : spanError(code),
    });
  }

  get #id(): string {
    const { run, task, fence } = this.#task;
    return (this.#spanId ??= attemptSpanId(run, task, fence));
  }

  get #common(): Pick<SpanRecord, 'traceId' | 'kind' | 'tracestate'> {
    return { traceId: this.#traceId, kind: 'internal', tracestate: this.tracestate };
  }

  get #ids(): Attributes {
    const { tenant, run, task, agent, pipeline } = this.#task;
    return { [ATTR.tenant]: tenant, [ATTR.pipeline]: pipeline, [ATTR.run]: run, [ATTR.task]: task, [ATTR.agent]: agent };
  }

  #tell(span: SpanRecord): void {
    if (this.#traceId === '') return;
    if (this.#sampled) this.#record(span);
    else if ((this.#held ??= []).length < MAX_HELD) this.#held.push(span);
  }

  #record(span: SpanRecord): void {
    this.#tracing.record(span);
  }
}

type CallFacts = Pick<SpanRecord, 'name' | 'kind' | 'startMs' | 'endMs' | 'attributes' | 'error'>;

/** The span of one call, all its tries together. */
export class CallTrace implements CallSpan {
  readonly traceparent: string;
  readonly tracestate: string | undefined;
  readonly #name: string;
  readonly #tell: (call: CallFacts) => void;
  readonly #startMs = Date.now();
  readonly #begun = performance.now();
  #attributes: Attributes = {};
  #tries = 0;

  constructor(name: string, place: ActiveTrace, tell: (call: CallFacts) => void) {
    this.#name = name;
    this.traceparent = place.traceparent;
    this.tracestate = place.tracestate;
    this.#tell = tell;
  }

  set(attributes: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  tried(): void {
    this.#tries += 1;
  }

  /** `thrown`: what it rejected with. */
  ended(outcome: string, thrown?: unknown): void {
    this.#tell({
      ...{ name: `call ${this.#name}`, kind: 'client', startMs: this.#startMs, endMs: this.#startMs + performance.now() - this.#begun },
      attributes: { ...this.#attributes, [ATTR.call]: this.#name, [ATTR.tries]: this.#tries, [ATTR.outcome]: outcome },
      error: thrown === undefined ? undefined : spanErrorOf(thrown),
    });
  }
}
