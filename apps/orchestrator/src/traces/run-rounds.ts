import type { RunEvent, RunEventType } from '../pipeline/model.ts';

/** The life of a run from its creation, or a retry after its end, to its next end. */
export interface Round {
  /** How often the run had been retried before. */
  readonly number: number;
  readonly events: readonly RunEvent[];
}

const ENDS: ReadonlySet<RunEventType> = new Set(['run.succeeded', 'run.failed', 'run.cancelled']);

/** The last round that is over; undefined where none is. Events are all events of the run, in order. */
export function lastRound(events: readonly RunEvent[]): Round | undefined {
  const end = events.findLastIndex(({ type }) => ENDS.has(type));
  if (end < 0) return undefined;
  const begin = events.findLastIndex(({ type }, index) => index < end && ENDS.has(type)) + 1;
  let number = 0;
  for (let at = 0; at <= end; at++) if (events[at]?.type === 'run.retried') number++;
  return { number, events: events.slice(begin, end + 1) };
}
