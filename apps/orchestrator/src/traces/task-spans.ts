import {
  decisionSpanId,
  dispatchSpanId,
  type OwnAttributes,
  spanError,
  type SpanLink,
  type SpanRecord,
  taskSpanId,
  waitSpanId,
} from '@mainstay/observability';
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
  /** The fence of the dispatch before; 0: there was none. */
  readonly earlier: number;
}

interface EndedDispatch extends Dispatch {
  readonly last: RunEvent;
  readonly outcome: string;
}

type Described = Pick<SpanRecord, 'spanId' | 'name' | 'startMs' | 'endMs'>;

/**
 * Follows the events of one task within a round, and tells its spans: the task, and below it its dispatches, waits and decisions. Where a single
 * dispatch was all of it, from its begin to its end, as with most tasks, the two are one span.
 */
export class TaskSpans {
  readonly #trace: Trace;
  readonly #task: string;
  readonly #id: string;
  readonly #startMs: number;
  #open: Dispatch | undefined;
  /** The first dispatch, while nothing else is told of the task. */
  #first: EndedDispatch | undefined;
  #earlier: number;
  /** Since when nothing happens to it, and what for. */
  #idle: { readonly event: RunEvent; readonly reason: string } | undefined;
  #decision: { readonly id: string; readonly event: RunEvent } | undefined;
  #agent: string | undefined;
  #attempts = 0;
  #isOver = false;

  /** `earlier`: the fence of its last dispatch before this round; 0: there was none. */
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
    this.#tellFirst();
    if (this.#idle !== undefined && event.at > this.#idle.event.at) {
      const { event: since, reason } = this.#idle;
      const spanId = waitSpanId(this.#trace.run.id, since.seq);
      const attributes: OwnAttributes = { ...this.#common(), 'mainstay.wait.for': reason };
      this.#tellBelow({ spanId, name: `wait ${reason}`, startMs: since.at, endMs: event.at }, attributes);
    }
    this.#idle = undefined;
    this.#agent = text(data['agent']);
    this.#attempts++;
    const fence = Number(data['fence'] ?? 0);
    this.#open = { event, fence, earlier: this.#earlier };
    this.#earlier = fence;
  }

  #ended(dispatch: Dispatch, last: RunEvent, outcome: string): void {
    this.#open = undefined;
    const ended = { ...dispatch, last, outcome };
    if (this.#attempts === 1) this.#first = ended;
    else this.#tellDispatch(ended);
  }

  #decided(event: RunEvent, outcome: string): void {
    if (this.#decision === undefined) return;
    const { id, event: opened } = this.#decision;
    this.#decision = undefined;
    this.#tellFirst();
    const name = `decision ${text(opened.data?.['kind'])}`;
    const attributes: OwnAttributes = { ...this.#common(), 'mainstay.decision.id': id, 'mainstay.outcome': outcome };
    this.#tellBelow({ spanId: decisionSpanId(id), name, startMs: opened.at, endMs: event.at }, attributes);
  }

  #over(event: RunEvent, status: string): void {
    this.#isOver = true;
    this.#decided(event, 'not needed any more');
    const only = this.#first;
    if (only?.event.at === this.#startMs && only.last.at === event.at) {
      this.#tellDispatch(only, { name: `task ${this.#task}`, status });
      return;
    }
    this.#tellFirst();
    const { run, traceId, runSpan } = this.#trace;
    this.#trace.tell({
      traceId,
      spanId: this.#id,
      parentSpanId: runSpan,
      name: `task ${this.#task}`,
      kind: 'internal',
      startMs: this.#startMs,
      endMs: event.at,
      attributes: {
        ...this.#common(),
        'mainstay.task.status': status,
        'mainstay.attempt': this.#attempts,
      } satisfies OwnAttributes,
      links: undefined,
      error: status === 'dead' ? spanError(codeOf(event)) : undefined,
      tracestate: run.tracestate,
    });
  }

  #tellFirst(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.#tellDispatch(first);
  }

  /** It leads to its worker's span, which knows its parent without being told. `whole`: it stands for its task. */
  #tellDispatch(dispatch: EndedDispatch, whole?: { readonly name: string; readonly status: string }): void {
    const { event, fence, last, outcome, earlier } = dispatch;
    const { run, traceId, runSpan } = this.#trace;
    const worker = last.data?.['worker'];
    const bad = outcome === 'failed' || outcome === 'lost';
    this.#trace.tell({
      traceId,
      spanId: dispatchSpanId(run.id, this.#task, fence),
      parentSpanId: whole === undefined ? this.#id : runSpan,
      name: whole?.name ?? `dispatch ${this.#agent ?? ''}`,
      kind: 'producer',
      startMs: event.at,
      endMs: last.at,
      attributes: {
        ...this.#common(),
        'mainstay.task.status': whole?.status,
        'mainstay.attempt': Number(event.data?.['attempt'] ?? 0),
        'mainstay.fence': fence,
        'mainstay.outcome': outcome,
        'mainstay.worker': typeof worker === 'string' ? worker : undefined,
      } satisfies OwnAttributes,
      links: earlier > 0 ? [this.#linkTo(earlier)] : undefined,
      error: bad ? spanError(outcome === 'lost' ? 'WORKER_LOST' : codeOf(last)) : undefined,
      tracestate: run.tracestate,
    });
  }

  #linkTo(earlier: number): SpanLink {
    const { run, traceId } = this.#trace;
    const attributes: OwnAttributes = { 'mainstay.link': 'previous attempt' };
    return { traceId, spanId: dispatchSpanId(run.id, this.#task, earlier), attributes };
  }

  #tellBelow({ spanId, name, startMs, endMs }: Described, attributes: OwnAttributes): void {
    const { run, traceId, tell } = this.#trace;
    const place = { traceId, spanId, parentSpanId: this.#id, name, kind: 'internal' } as const;
    tell({ ...place, startMs, endMs, attributes, links: undefined, error: undefined, tracestate: run.tracestate });
  }

  #common(): OwnAttributes {
    return { 'mainstay.run.id': this.#trace.run.id, 'mainstay.task': this.#task, 'mainstay.agent.kind': this.#agent };
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function codeOf({ data }: RunEvent): string {
  return errorCode(data?.['error'], 'AGENT_FAILED');
}
