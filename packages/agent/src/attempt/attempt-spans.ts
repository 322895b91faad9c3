import {
  attemptSpanId,
  dispatchSpanId,
  type KeptFor,
  type OwnAttributes,
  queueSpanId,
  spanError,
  type SpanRecord,
} from '@mainstay/observability';
import { type TaskMessage, uuidTime } from '@mainstay/types';

/** What names the task of an attempt in its spans. */
export type NamedTask = Pick<TaskMessage, 'tenant' | 'run' | 'task' | 'agent' | 'pipeline'>;

/** What the spans of an attempt are made of; nothing that may be large. */
export interface EndedAttempt extends NamedTask, Pick<TaskMessage, 'id' | 'fence' | 'attempt' | 'tracestate'> {
  readonly traceId: string;
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: string;
  /** Of its error; undefined: it has none. */
  readonly code: string | undefined;
  /** Why it is told although its trace is not sampled. */
  readonly kept: KeptFor | undefined;
}

/** The attempt, and before it its wait in the queue, when that is known. */
export function attemptSpans(of: EndedAttempt): readonly SpanRecord[] {
  const { run, task, fence, startedAt, traceId, tracestate, code } = of;
  const parentSpanId = dispatchSpanId(run, task, fence);
  const ids = idAttributes(of);
  const attempt: SpanRecord = {
    traceId,
    spanId: attemptSpanId(run, task, fence),
    parentSpanId,
    name: `attempt ${of.agent}`,
    kind: 'consumer',
    startMs: startedAt,
    endMs: of.endedAt,
    attributes: {
      ...ids,
      'mainstay.attempt': of.attempt,
      'mainstay.fence': fence,
      'mainstay.worker': of.worker,
      'mainstay.outcome': of.outcome,
      'mainstay.trace.kept': of.kept,
    } satisfies OwnAttributes,
    links: undefined,
    error: code === undefined ? undefined : spanError(code),
    tracestate,
  };
  const sentAt = uuidTime(of.id);
  if (sentAt === undefined || sentAt >= startedAt) return [attempt];
  const wait: SpanRecord = {
    traceId,
    spanId: queueSpanId(run, task, fence),
    parentSpanId,
    name: 'wait queue',
    kind: 'internal',
    startMs: sentAt,
    endMs: startedAt,
    attributes: { ...ids, 'mainstay.wait.for': 'queue' } satisfies OwnAttributes,
    links: undefined,
    error: undefined,
    tracestate,
  };
  return [wait, attempt];
}

export function idAttributes({ tenant, pipeline, run, task, agent }: NamedTask): OwnAttributes {
  return {
    'mainstay.tenant': tenant,
    'mainstay.pipeline.name': pipeline,
    'mainstay.run.id': run,
    'mainstay.task': task,
    'mainstay.agent.kind': agent,
  };
}
