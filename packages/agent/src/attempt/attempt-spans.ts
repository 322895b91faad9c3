import {
  ATTR,
  attemptSpanId,
  type Attributes,
  dispatchSpanId,
  type KeptFor,
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
  const place = { traceId, parentSpanId, tracestate };
  const attempt: SpanRecord = {
    ...place,
    spanId: attemptSpanId(run, task, fence),
    name: `attempt ${of.agent}`,
    kind: 'consumer',
    startMs: startedAt,
    endMs: of.endedAt,
    attributes: {
      ...ids,
      [ATTR.attempt]: of.attempt,
      [ATTR.fence]: fence,
      [ATTR.worker]: of.worker,
      [ATTR.outcome]: of.outcome,
      [ATTR.kept]: of.kept,
    },
    error: code === undefined ? undefined : spanError(code),
  };
  const sentAt = uuidTime(of.id);
  if (sentAt === undefined || sentAt >= startedAt) return [attempt];
  const attributes = { ...ids, [ATTR.waitFor]: 'queue' };
  const times = { startMs: sentAt, endMs: startedAt };
  return [{ ...place, spanId: queueSpanId(run, task, fence), name: 'wait queue', kind: 'internal', ...times, attributes }, attempt];
}

export function idAttributes({ tenant, pipeline, run, task, agent }: NamedTask): Attributes {
  return { [ATTR.tenant]: tenant, [ATTR.pipeline]: pipeline, [ATTR.run]: run, [ATTR.task]: task, [ATTR.agent]: agent };
}
