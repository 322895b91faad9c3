import { figure, percent } from '../../report/figure.ts';
import { median, ratio } from '../../statistics.ts';
import { atLeast, exactly, type Report } from '../part.ts';

export interface WorkersRound {
  readonly workers: number;
  readonly stepsPerSecond: number;
}

export interface OrchestratorsRound {
  /** Steps/s of the no-op chain. */
  readonly one: number;
  readonly two: number;
  /** Messages that each of the two applied; empty where their metrics do not tell. */
  readonly applied: readonly number[];
}

/** What the kill of one of two orchestrators cost. */
export interface KillFigures {
  readonly victim: string;
  readonly runs: number;
  /** From the kill to the end of the last run. */
  readonly doneMs: number;
  readonly lostRuns: number;
  readonly repeatedSteps: number;
}

export interface ScaleOutFigures {
  readonly capacity: number;
  readonly stepMs: number;
  readonly workers: readonly WorkersRound[];
  readonly orchestrators: readonly OrchestratorsRound[];
  readonly kills: readonly KillFigures[];
}

/** Of n times one worker's throughput. */
const LEAST_EFFICIENCY = 0.9;
const LEAST_WITH_TWO = 0.9;
/** Of the lesser of two orchestrators; the half would be quite even. */
const LEAST_SHARE = 0.4;

export function scaleOutReport({ capacity, stepMs, workers, orchestrators, kills }: ScaleOutFigures): Report {
  const alone = workers.find((round) => round.workers === 1)?.stepsPerSecond;
  const efficiency = (round: WorkersRound): number | undefined => ratio(round.stepsPerSecond, (alone ?? 0) * round.workers);
  const last = workers.at(-1);
  const one = median(orchestrators.map((round) => round.one));
  const two = median(orchestrators.map((round) => round.two));
  const shares = orchestrators.map(({ applied }) => lesserShare(applied)).filter((share) => share !== undefined);
  return {
    tables: [
      {
        title: `Workers with ${capacity} tasks at once, tasks that wait ${stepMs} ms`,
        rows: [
          ['workers', 'steps/s', 'of what they could', 'efficiency'],
          ...workers.map((round) => [
            String(round.workers),
            figure(round.stepsPerSecond),
            percent((round.stepsPerSecond * stepMs) / 1_000 / (round.workers * capacity)),
            shown(efficiency(round)),
          ]),
        ],
      },
      {
        title: 'Orchestrators: the chain of no-op steps, steps/s',
        rows: [
          ['round', 'one', 'two', 'ratio', 'share of the lesser one'],
          ...orchestrators.map((round, index) => [
            String(index + 1),
            figure(round.one),
            figure(round.two),
            (round.two / round.one).toFixed(2),
            shown(lesserShare(round.applied)),
          ]),
        ],
      },
      {
        title: 'kill -9 of one of two orchestrators, half of the steps done',
        rows: [
          ['killed', 'runs', 'ms to the last end', 'lost runs', 'repeated steps'],
          ...kills.map((kill) => [kill.victim, String(kill.runs), figure(kill.doneMs), String(kill.lostRuns), String(kill.repeatedSteps)]),
        ],
      },
    ],
    demands: [
      atLeast(
        `${last?.workers ?? 0} workers ≥ ${LEAST_EFFICIENCY} × as many times one`,
        last === undefined ? undefined : efficiency(last),
        LEAST_EFFICIENCY,
        (value) => `${value.toFixed(2)} ×`,
      ),
      atLeast(`two orchestrators ≥ ${LEAST_WITH_TWO} × one`, ratio(two, one), LEAST_WITH_TWO, (value) => `${value.toFixed(2)} ×`),
      atLeast(`the lesser of two has ≥ ${LEAST_SHARE} of the messages`, median(shares), LEAST_SHARE, (value) => value.toFixed(2)),
      ...kills.map((kill) => exactly(`runs lost when the ${kill.victim} orchestrator is killed = 0`, kill.lostRuns, 0)),
    ],
  };
}

function lesserShare(applied: readonly number[]): number | undefined {
  const all = applied.reduce((sum, value) => sum + value, 0);
  return applied.length < 2 || all === 0 ? undefined : Math.min(...applied) / all;
}

function shown(value: number | undefined): string {
  return value?.toFixed(2) ?? '–';
}
