import {
  type ActiveTrace,
  attemptSpanId,
  callSpanId,
  formatTraceparent,
  isSampled,
  type Tracing,
  validTraceIdOf,
} from '@mainstay/observability';
import type { Outcome, TaskMessage } from '@mainstay/types';
import { attemptSpans, type EndedAttempt, idAttributes } from './attempt-spans.ts';
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
    const kept = this.#sampled ? undefined : this.#tracing.keeps(endedAt - startedAt, code !== undefined);
    if ((!this.#sampled && kept === undefined) || this.#traceId === '') return;
    for (const held of this.#held ?? []) this.#recordCall(held);
    // without the task itself, whose input may be large
    const { tenant, pipeline, run, task, agent, id, fence, attempt, tracestate } = this.#task;
    const ended: EndedAttempt = {
      tenant,
      pipeline,
      run,
      task,
      agent,
      id,
      fence,
      attempt,
      tracestate,
      traceId: this.#traceId,
      worker,
      startedAt,
      endedAt,
      outcome: outcome?.status ?? 'lost',
      code,
      kept,
    };
    this.#tracing.recordLater(() => attemptSpans(ended), 2);
  }

  /** Empty: that of the task is not valid, so nothing is told. */
  get #traceId(): string {
    return (this.#knownTraceId ??= validTraceIdOf(this.#task.traceparent) ?? '');
  }

  get #id(): string {
    const { run, task, fence } = this.#task;
    return (this.#spanId ??= attemptSpanId(run, task, fence));
  }

  #recordCall(call: CallTrace): void {
    const facts = call.facts();
    if (facts === undefined || this.#traceId === '') return;
    const place = { traceId: this.#traceId, parentSpanId: this.#id, tracestate: this.tracestate };
    this.#tracing.record({ ...facts, ...place, attributes: { ...idAttributes(this.#task), ...facts.attributes } });
  }
}
