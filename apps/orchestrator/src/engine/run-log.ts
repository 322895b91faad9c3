import { type Logger, traceIdOf } from '@mainstay/observability';
import { type Change, FINAL_RUN_STATUSES, NOTABLE_EVENTS, type NotableEventType, type RunEvent, type RunState } from '../pipeline/model.ts';

/** What the lines of notable events say, at `info`; all others are for debugging. Ends of runs have a line of their own. */
const SAYS: Readonly<Record<NotableEventType, string>> = {
  'run.paused': 'a run was paused',
  'run.resumed': 'a run goes on',
  'run.retried': 'a run is tried again',
  'task.failed': 'a task failed',
  'task.lost': 'a task was lost with its worker',
  'task.dead': 'a task failed for good',
  'task.redriven': 'a dead letter is tried again',
  'gate.failed': 'a gate does not hold',
  'decision.opened': 'a decision waits for an answer',
  'decision.answered': 'a decision was answered',
  'decision.expired': 'a decision was not answered in time',
};
/** Facts of events that are no text from outside; what users put in stays in the events. */
const FACTS = ['agent', 'attempt', 'worker', 'fence', 'by', 'for', 'from', 'dueAt', 'reason', 'decision'] as const;

/** Tells the log what happened to runs, once it is on disk, with what follows each run through every process. */
export class RunLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Events are looked at only where one is notable: there are many changes, and of most nothing is told. */
  written({ before, state, events, notable }: Change): void {
    const debug = this.#logger.isLevelEnabled('debug');
    if (notable || debug) {
      for (const event of events) {
        const message = messageOf(event);
        if (message !== undefined) this.#logger.info({ ...contextOf(state), ...factsOf(event) }, message);
        else if (debug) this.#logger.debug({ ...contextOf(state), event: event.type, ...factsOf(event) }, 'a run moved on');
      }
    }
    if (FINAL_RUN_STATUSES.has(state.status) && !FINAL_RUN_STATUSES.has(before.status)) this.#ended(state);
  }

  /** One object and no copies: it is made for every run. Fields that are undefined are not written. */
  #ended({ id, tenant, correlationId, traceparent, pipeline, createdAt, finishedAt = createdAt, status, error }: RunState): void {
    if (!this.#logger.isLevelEnabled('info')) return;
    const durationMs = Math.max(0, finishedAt - createdAt);
    const traceId = traceIdOf(traceparent);
    this.#logger.info({ correlationId, traceId, run: id, tenant, pipeline, status, durationMs, code: error?.code }, 'a run ended');
  }
}

/** A run that goes on by itself after it waited is nothing that somebody did. */
function messageOf({ type, data }: RunEvent): string | undefined {
  if (type === 'run.resumed' && data?.['by'] === undefined) return undefined;
  return isNotable(type) ? SAYS[type] : undefined;
}

function isNotable(type: RunEvent['type']): type is NotableEventType {
  return NOTABLE_EVENTS.has(type);
}

function contextOf({ id, tenant, correlationId, traceparent }: Pick<RunState, 'id' | 'tenant' | 'correlationId' | 'traceparent'>) {
  return { correlationId, traceId: traceIdOf(traceparent), run: id, tenant };
}

function factsOf({ task, data = {} }: RunEvent): Record<string, unknown> {
  const facts: Record<string, unknown> = task === undefined ? {} : { task };
  for (const name of FACTS) if (data[name] !== undefined) facts[name] = data[name];
  const { error } = data;
  if (typeof error === 'object' && error !== null && 'code' in error) facts['code'] = error['code'];
  return facts;
}
