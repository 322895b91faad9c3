import {
  type ActiveTrace,
  ATTR,
  attemptSpanId,
  type Attributes,
  callSpanId,
  dispatchSpanId,
  formatTraceparent,
  isSampled,
  parseTraceparent,
  queueSpanId,
  spanError,
  type SpanRecord,
  type Tracing,
} from '@mainstay/observability';
import { type Outcome, type TaskMessage, uuidTime } from '@mainstay/types';
import { type CallHost, CallTrace } from './call-trace.ts';

/** Calls that an attempt of an unsampled trace holds until it is known whether they are wanted. */
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
export class AttemptTrace implements ActiveTrace, CallHost {
  readonly #tracing: Tracing;
  readonly #task: TaskMessage;
  readonly #sampled: boolean;
  #knownTraceId: string | undefined;
  #spanId: string | undefined;
  #calls = 0;
  #held: CallTrace[] | undefined;

  constructor(tracing: Tracing, task: TaskMessage) {
    this.#tracing = tracing;
    this.#task = task;
    this.#sampled = isSampled(task.traceparent);
  }

  get traceparent(): string {
    return this.traceparentOf(this.#id);
  }

  get tracestate(): string | undefined {
    return this.#task.tracestate;
  }

  /** A call to the outside begins. */
  call(name: string): CallTrace {
    this.#calls += 1;
    return new CallTrace(name, this.#calls, this);
  }

  callSpanId(number: number): string {
    const { run, task, fence } = this.#task;
    return callSpanId(run, task, fence, number);
  }

  traceparentOf(spanId: string): string {
    if (this.#traceId === '') return this.#task.traceparent;
    return formatTraceparent({ traceId: this.#traceId, spanId, sampled: this.#sampled });
  }

  callEnded(call: CallTrace): void {
    if (this.#sampled) this.#recordCall(call);
    else if ((this.#held ??= []).length < MAX_HELD) this.#held.push(call);
  }

  end({ worker, startedAt, endedAt, outcome }: AttemptEndFacts): void {
    const code = outcome === undefined ? 'LEASE_LOST' : outcome.status === 'failed' ? outcome.error.code : undefined;
    const failed = code !== undefined;
    const kept = this.#sampled ? undefined : this.#tracing.keeps(endedAt - startedAt, failed);
    if ((!this.#sampled && kept === undefined) || this.#traceId === '') return;
    const { run, task, fence, attempt, agent, id, tracestate } = this.#task;
    const traceId = this.#traceId;
    const parentSpanId = dispatchSpanId(run, task, fence);
    const ids = this.#ids;
    const sentAt = uuidTime(id);
    if (sentAt !== undefined && sentAt < startedAt) {
      const spanId = queueSpanId(run, task, fence);
      const attributes = { ...ids, [ATTR.waitFor]: 'queue' };
      const times = { startMs: sentAt, endMs: startedAt };
      this.#record({ traceId, spanId, parentSpanId, tracestate, name: 'wait queue', kind: 'internal', ...times, attributes });
    }
    for (const held of this.#held ?? []) this.#recordCall(held);
    const attributes = {
      ...ids,
      [ATTR.attempt]: attempt,
      [ATTR.fence]: fence,
      [ATTR.worker]: worker,
      [ATTR.outcome]: outcome?.status ?? 'lost',
      [ATTR.kept]: kept,
    };
    const error = code === undefined ? undefined : spanError(code);
    const times = { startMs: startedAt, endMs: endedAt };
    this.#record({
      traceId,
      spanId: this.#id,
      parentSpanId,
      tracestate,
      name: `attempt ${agent}`,
      kind: 'consumer',
      ...times,
      attributes,
      error,
    });
  }

  /** Empty: that of the task is not valid, so nothing is told. */
  get #traceId(): string {
    return (this.#knownTraceId ??= parseTraceparent(this.#task.traceparent)?.traceId ?? '');
  }

  get #id(): string {
    const { run, task, fence } = this.#task;
    return (this.#spanId ??= attemptSpanId(run, task, fence));
  }

  get #ids(): Attributes {
    const { tenant, run, task, agent, pipeline } = this.#task;
    return { [ATTR.tenant]: tenant, [ATTR.pipeline]: pipeline, [ATTR.run]: run, [ATTR.task]: task, [ATTR.agent]: agent };
  }

  #recordCall(call: CallTrace): void {
    const facts = call.facts();
    if (facts === undefined || this.#traceId === '') return;
    const place = { traceId: this.#traceId, parentSpanId: this.#id, tracestate: this.tracestate };
    this.#record({ ...facts, ...place, attributes: { ...this.#ids, ...facts.attributes } });
  }

  #record(span: SpanRecord): void {
    this.#tracing.record(span);
  }
}
