import { mib } from '../../report/figure.ts';
import { exactly, type Report } from '../part.ts';
import type { SecondCounts } from './flood.ts';
import type { SlowReaderFigures } from './slow-reader.ts';

/** One second of the flood, and of the time after it until all is done. */
export interface OverloadSecond extends Readonly<SecondCounts> {
  /** Runs that had succeeded at its end, by Postgres. */
  readonly succeeded: number;
  /** Resident memory of the orchestrator at its end. */
  readonly residentBytes: number;
}

export interface OverloadFigures {
  readonly runs: number;
  readonly connections: number;
  readonly requests: number;
  readonly seconds: readonly OverloadSecond[];
  readonly withoutRetryAfter: number;
  /** Until the last run was accepted, and until the last one had ended. */
  readonly acceptedMs: number;
  readonly doneMs: number;
  readonly accepted: number;
  /** Of the runs that were answered 202, those that succeeded in the end. */
  readonly succeeded: number;
  /** Runs in the database of which no 202 was received. */
  readonly unasked: number;
  readonly peakBytes: number;
  readonly slowReader: SlowReaderFigures;
}

/** Lines of the table at most; several seconds share one otherwise. */
const MOST_LINES = 30;

export function overloadReport(figures: OverloadFigures): Report {
  const { slowReader: slow } = figures;
  const refused = figures.seconds.reduce((sum, { tooMany, unavailable }) => sum + tooMany + unavailable, 0);
  const odd = figures.seconds.reduce((sum, { other, broken }) => sum + other + broken, 0);
  return {
    tables: [
      {
        title: `${figures.runs.toLocaleString('en-US')} runs at once on ${figures.connections} connections: ${figures.requests} requests`,
        rows: [['to second', '202', '429', '503', 'other', 'broken', 'succeeded', 'orchestrator'], ...secondRows(figures.seconds)],
      },
      {
        title: 'In all',
        rows: [
          ['refused', String(refused)],
          ['all accepted after', seconds(figures.acceptedMs)],
          ['all done after', seconds(figures.doneMs)],
          ['peak memory of the orchestrator', mib(figures.peakBytes)],
        ],
      },
      {
        title: `An event stream of ${mib(slow.bytes)} that nobody reads`,
        rows: [
          ['ended by the server after', slow.droppedAfterMs === undefined ? 'never' : seconds(slow.droppedAfterMs)],
          ['events of the run', String(slow.events)],
          ['read of what had arrived', String(slow.readBefore)],
          ['read after resuming', String(slow.readAfter)],
        ],
      },
    ],
    demands: [
      exactly(`all ${figures.runs} runs accepted in the end`, figures.accepted, figures.runs),
      exactly('refusals without Retry-After = 0', figures.withoutRetryAfter, 0),
      exactly('other answers and broken connections = 0', odd, 0),
      exactly('accepted runs that did not succeed = 0', figures.accepted - figures.succeeded, 0),
      exactly('runs that nobody was told of = 0', figures.unasked, 0),
      {
        demand: 'a stream that is not read is ended',
        measured: slow.droppedAfterMs === undefined ? 'no' : 'yes',
        kept: slow.droppedAfterMs !== undefined,
      },
      exactly('events missing or doubled after resuming = 0', slow.gaps, 0),
    ],
  };
}

/** Sums of the answers, and the last of what is a state. */
export function secondRows(all: readonly OverloadSecond[]): readonly (readonly string[])[] {
  const width = Math.max(1, Math.ceil(all.length / MOST_LINES));
  return Array.from({ length: Math.ceil(all.length / width) }, (_, index) => {
    const some = all.slice(index * width, (index + 1) * width);
    const sum = (pick: (one: OverloadSecond) => number): string =>
      some.reduce((total, one) => total + pick(one), 0).toLocaleString('en-US');
    const last = some.at(-1);
    return [
      String(index * width + some.length),
      sum((one) => one.accepted),
      sum((one) => one.tooMany),
      sum((one) => one.unavailable),
      sum((one) => one.other),
      sum((one) => one.broken),
      (last?.succeeded ?? 0).toLocaleString('en-US'),
      mib(last?.residentBytes ?? 0),
    ];
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
