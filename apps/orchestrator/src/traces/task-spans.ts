import { ATTR, decisionSpanId, dispatchSpanId, spanError, type SpanRecord, taskSpanId, waitSpanId } from '@mainstay/observability';
import type { RunEvent } from '../pipeline/model.ts';
import { errorCode } from './error-code.ts';
import type { Trace } from './run-spans.ts';

/** What an attempt may come to. */
const OUTCOMES: Readonly<Partial<Record<RunEvent['type'], string>>> = {
  'task.succeeded': 'succeeded',
  'task.degraded': 'degraded',
  'task.failed': 'failed',
  'task.lost': 'lost',
  'task.suspended': 'suspended',
  'task.redispatched': 'undelivered',
  'task.cancelled': 'cancelled',
  'task.dead': 'failed',
  'gate.failed': 'refused by its gate',
  'decision.opened': 'asked',
};
/** What a task may come to. */
const ENDS: Readonly<Partial<Record<RunEvent['type'], string>>> = {
  'task.succeeded': 'succeeded',
  'task.skipped': 'skipped',
  'task.cancelled': 'cancelled',
  'task.dead': 'dead',
};
const NO_DATA: NonNullable<RunEvent['data']> = {};

interface Dispatch {
  readonly event: RunEvent;
  readonly fence: number;
}

/** Follows the events of one task within a round, and tells its spans. */
export class TaskSpans {
  readonly #trace: Trace;
  readonly #task: string;
  readonly #id: string;
  readonly #startMs: number;
  #open: Dispatch | undefined;
  /** The fence of the dispatch before; 0: there was none. */
  #earlier: number;
  /** Since when nothing happens to it, and what for. */
  #idle: { readonly event: RunEvent; readonly reason: string } | undefined;
  #decision: { readonly id: string; readonly event: RunEvent } | undefined;
  #agent: string | undefined;
  #attempts = 0;
  #isOver = false;

  constructor(trace: Trace, task: string, first: RunEvent, earlier: number) {
    this.#trace = trace;
    this.#task = task;
    this.#id = taskSpanId(trace.run.id, task, trace.round);
    this.#startMs = first.at;
    this.#earlier = earlier;
  }

  add(event: RunEvent): void {
    const { type, data = NO_DATA } = event;
    if (type === 'task.dispatched') this.#dispatched(event, data);
    const outcome = OUTCOMES[type];
    if (outcome !== undefined && this.#open !== undefined) this.#ended(this.#open, event, outcome);
    if (type === 'task.retrying') this.#idle = { event, reason: 'retry' };
    if (type === 'task.suspended') this.#idle = { event, reason: 'shutdown' };
    if (type === 'task.lost' && data['dueAt'] !== undefined) this.#idle = { event, reason: 'loss' };
    if (type === 'decision.opened') this.#decision = { id: text(data['decision']), event };
    if (type === 'decision.answered' || type === 'decision.expired')
      this.#decided(event, type === 'decision.expired' ? 'expired' : 'answered');
    const end = ENDS[type];
    if (end !== undefined) this.#over(event, end);
  }

  /** The round is over, and nothing was told of the task's end. */
  end(last: RunEvent): void {
    if (this.#isOver) return;
    if (this.#open !== undefined) this.#ended(this.#open, last, 'cancelled');
    this.#over(last, 'cancelled');
  }

  #dispatched(event: RunEvent, data: NonNullable<RunEvent['data']>): void {
    const { run } = this.#trace;
    if (this.#idle !== undefined && event.at > this.#idle.event.at) {
      const { event: since, reason } = this.#idle;
      this.#tell(waitSpanId(run.id, since.seq), `wait ${reason}`, since.at, event.at, { [ATTR.waitFor]: reason });
    }
    this.#idle = undefined;
    this.#agent = text(data['agent']);
    this.#attempts++;
    this.#open = { event, fence: Number(data['fence'] ?? 0) };
  }

  /** The dispatch leads to its worker's span, which knows its parent without being told. */
  #ended({ event, fence }: Dispatch, last: RunEvent, outcome: string): void {
    const { run, traceId } = this.#trace;
    const earlier = this.#earlier;
    const bad = outcome === 'failed' || outcome === 'lost';
    const link = { traceId, spanId: dispatchSpanId(run.id, this.#task, earlier), attributes: { [ATTR.link]: 'previous attempt' } };
    this.#trace.tell({
      ...{ traceId, spanId: dispatchSpanId(run.id, this.#task, fence), parentSpanId: this.#id },
      ...{ name: `dispatch ${this.#agent ?? ''}`, kind: 'producer', startMs: event.at, endMs: last.at },
      attributes: {
        ...this.#common(),
        [ATTR.attempt]: Number(event.data?.['attempt'] ?? 0),
        [ATTR.fence]: fence,
        [ATTR.outcome]: outcome,
        [ATTR.worker]: typeof last.data?.['worker'] === 'string' ? last.data['worker'] : undefined,
      },
      links: earlier > 0 ? [link] : [],
      error: bad ? spanError(outcome === 'lost' ? 'WORKER_LOST' : codeOf(last)) : undefined,
    });
    this.#earlier = fence;
    this.#open = undefined;
  }

  #decided(event: RunEvent, outcome: string): void {
    if (this.#decision === undefined) return;
    const { id, event: opened } = this.#decision;
    this.#decision = undefined;
    const kind = text(opened.data?.['kind']);
    this.#tell(decisionSpanId(id), `decision ${kind}`, opened.at, event.at, { [ATTR.decision]: id, [ATTR.outcome]: outcome });
  }

  #over(event: RunEvent, status: string): void {
    this.#isOver = true;
    this.#decided(event, 'not needed any more');
    const span: SpanRecord = {
      ...{ traceId: this.#trace.traceId, spanId: this.#id, parentSpanId: this.#trace.runSpan },
      ...{ name: `task ${this.#task}`, kind: 'internal', startMs: this.#startMs, endMs: event.at },
      attributes: { ...this.#common(), [ATTR.taskStatus]: status, [ATTR.attempt]: this.#attempts },
      error: status === 'dead' ? spanError(codeOf(event)) : undefined,
    };
    this.#trace.tell(span);
  }

  #tell(spanId: string, name: string, startMs: number, endMs: number, attributes: SpanRecord['attributes']): void {
    const { traceId } = this.#trace;
    this.#trace.tell({
      ...{ traceId, spanId, parentSpanId: this.#id, name, kind: 'internal', startMs, endMs },
      attributes: { ...this.#common(), ...attributes },
    });
  }

  #common(): SpanRecord['attributes'] {
    return { [ATTR.run]: this.#trace.run.id, [ATTR.task]: this.#task, [ATTR.agent]: this.#agent };
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function codeOf({ data }: RunEvent): string {
  return errorCode(data?.['error'], 'AGENT_FAILED');
}
