import { percentile } from '../statistics.ts';

/** When things happened to a run, milliseconds since 1970: by the database's clock, its steps' beginnings by the worker's, which is of the same machine. */
export interface RunTimes {
  readonly createdAt: number;
  /** In order; `finishedAt` is when the orchestrator decided on the result. */
  readonly steps: readonly { readonly startedAt: number; readonly finishedAt: number }[];
}

export interface PartFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Where the time of a step goes, but for its work. */
export interface StepFigures {
  /** From the decision that it is to be done until a worker began it: commit, publication, lane, place. */
  readonly out: PartFigures;
  /** From the end of its work until the decision on its result: lane, reading, place in a batch. */
  readonly back: PartFigures;
}

export function stepFigures(runs: readonly RunTimes[], workMs: number): StepFigures {
  const out: number[] = [];
  const back: number[] = [];
  for (const { createdAt, steps } of runs) {
    let decidedAt = createdAt;
    for (const { startedAt, finishedAt } of steps) {
      out.push(startedAt - decidedAt);
      back.push(finishedAt - startedAt - workMs);
      decidedAt = finishedAt;
    }
  }
  return { out: partFigures(out), back: partFigures(back) };
}

function partFigures(values: readonly number[]): PartFigures {
  return { p50Ms: percentile(values, 50) ?? Number.NaN, p99Ms: percentile(values, 99) ?? Number.NaN };
}
