import {
  type KeptFor,
  type OwnAttributes,
  runSpanId,
  spanError,
  type SpanLink,
  type SpanRecord,
  waitSpanId,
} from '@mainstay/observability';
import type { RunEvent, RunEventType, RunState } from '../pipeline/model.ts';
import { errorCode } from './error-code.ts';
import type { RunPlace } from './run-place.ts';
import { lastRound, type Round } from './run-rounds.ts';
import { TaskSpans } from './task-spans.ts';

export type TracedRun = Pick<RunState, 'id' | 'tenant' | 'pipeline' | 'version' | 'correlationId' | 'tracestate'>;

/** What the spans of one round of a run have in common. */
export interface Trace {
  readonly run: TracedRun;
  readonly traceId: string;
  readonly round: number;
  /** Id of the run's span. */
  readonly runSpan: string;
  readonly tell: (span: SpanRecord) => void;
}

/** Spans of one run at most; what is beyond is left out, and the run's span says how many. */
export const MAX_RUN_SPANS = 2_000;

/** What of a run's life is no task's: what was waited for, and the event that ends the wait. */
const WAITS: Readonly<Partial<Record<RunEventType, { readonly reason: string; readonly until: RunEventType }>>> = {
  'run.queued': { reason: 'slot', until: 'run.started' },
  'run.paused': { reason: 'pause', until: 'run.resumed' },
  'run.suspended': { reason: 'shutdown', until: 'run.woken' },
};

/**
 * The spans of the last round of a run that is over: the run, its tasks, their dispatches, waits and decisions. Made of nothing but
 * the run's events, so any orchestrator makes the same ones, at any time. `kept`: why they are wanted although the trace is not sampled.
 */
export function runSpans(run: TracedRun, place: RunPlace, events: readonly RunEvent[], kept?: KeptFor): SpanRecord[] {
  const round = lastRound(events);
  const [first, last] = [round?.events[0], round?.events.at(-1)];
  if (round === undefined || first === undefined || last === undefined) return [];
  const spans: SpanRecord[] = [];
  let omitted = 0;
  const tell = (span: SpanRecord): void => {
    if (spans.length < MAX_RUN_SPANS) spans.push(span);
    else omitted++;
  };
  const trace: Trace = { run, traceId: place.traceId, round: round.number, runSpan: runSpanId(run.id, round.number), tell };
  taskSpans(trace, round, events, last);
  waits(trace, round, last);
  const more = { 'mainstay.trace.kept': kept, 'mainstay.trace.omitted': omitted || undefined };
  return [runSpan(trace, place, first, last, more), ...spans];
}

function runSpan(trace: Trace, place: RunPlace, first: RunEvent, last: RunEvent, more: OwnAttributes): SpanRecord {
  const { run, traceId, round, runSpan: spanId } = trace;
  const status = last.type.slice('run.'.length);
  return {
    traceId,
    spanId,
    parentSpanId: place.parentSpanId,
    name: `run ${run.pipeline}`,
    kind: 'internal',
    startMs: first.at,
    endMs: last.at,
    attributes: {
      'mainstay.run.id': run.id,
      'mainstay.tenant': run.tenant,
      'mainstay.pipeline.name': run.pipeline,
      'mainstay.pipeline.version': run.version,
      'mainstay.correlation_id': run.correlationId,
      'mainstay.run.status': status,
      'mainstay.run.round': round,
      ...more,
    } satisfies OwnAttributes,
    links: round > 0 ? [linkTo(trace, round - 1)] : undefined,
    error: status === 'failed' ? spanError(causeOf(last)) : undefined,
    tracestate: run.tracestate,
  };
}

function linkTo({ run, traceId }: Trace, round: number): SpanLink {
  const attributes: OwnAttributes = { 'mainstay.link': 'previous round' };
  return { traceId, spanId: runSpanId(run.id, round), attributes };
}

function taskSpans(trace: Trace, { events }: Round, all: readonly RunEvent[], last: RunEvent): void {
  const earlier = lastFences(all, events[0]?.seq ?? 0);
  const tasks = new Map<string, TaskSpans>();
  for (const event of events) {
    const { task } = event;
    if (task === undefined) continue;
    let spans = tasks.get(task);
    if (spans === undefined) tasks.set(task, (spans = new TaskSpans(trace, task, event, earlier.get(task) ?? 0)));
    spans.add(event);
  }
  for (const spans of tasks.values()) spans.end(last);
}

/** By task, the fence of its last dispatch before the event of this number. */
function lastFences(events: readonly RunEvent[], before: number): ReadonlyMap<string, number> {
  const fences = new Map<string, number>();
  for (const { seq, type, task, data } of events) {
    if (seq >= before) break;
    if (type === 'task.dispatched' && task !== undefined) fences.set(task, Number(data?.['fence'] ?? 0));
  }
  return fences;
}

function waits({ run, traceId, runSpan: parentSpanId, tell }: Trace, { events }: Round, last: RunEvent): void {
  for (const { seq, type, at } of events) {
    const wait = WAITS[type];
    if (wait === undefined) continue;
    const { reason, until } = wait;
    const end = events.find((event) => event.seq > seq && event.type === until) ?? last;
    tell({
      traceId,
      spanId: waitSpanId(run.id, seq),
      parentSpanId,
      name: `wait ${reason}`,
      kind: 'internal',
      startMs: at,
      endMs: end.at,
      attributes: { 'mainstay.run.id': run.id, 'mainstay.wait.for': reason } satisfies OwnAttributes,
      links: undefined,
      error: undefined,
      tracestate: run.tracestate,
    });
  }
}

/** The code of what the run failed of. */
function causeOf({ data }: RunEvent): string {
  const cause = data?.['cause'];
  return typeof cause === 'string' ? cause : errorCode(data?.['error'], 'RUN_FAILED');
}
