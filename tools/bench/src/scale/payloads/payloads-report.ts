import { figure, KIB, mib } from '../../report/figure.ts';
import type { Report } from '../part.ts';

export interface PayloadFigures {
  readonly outputBytes: number;
  readonly runs: number;
  readonly inFlight: number;
  readonly runsPerSecond: number;
  readonly stepsPerSecond: number;
  readonly orchestratorPeakBytes?: number;
}

export interface PayloadsFigures {
  readonly sizes: readonly PayloadFigures[];
  /** What became of a run whose first output was larger than allowed. */
  readonly tooLarge: {
    readonly outputBytes: number;
    readonly status: string;
    /** Of the error and of what caused it. */
    readonly codes: readonly string[];
    readonly message: string;
  };
}

/** What is too large must be told by this. */
export const TOO_LARGE = 'AGENT_OUTPUT_TOO_LARGE';

export function payloadsReport({ sizes, tooLarge }: PayloadsFigures): Report {
  return {
    tables: [
      {
        title: 'The chain, by the size of each output',
        rows: [
          ['output', 'runs', 'in flight', 'runs/s', 'steps/s', 'outputs per second', 'peak of the orchestrator'],
          ...sizes.map((one) => [
            `${one.outputBytes / KIB} KB`,
            String(one.runs),
            String(one.inFlight),
            figure(one.runsPerSecond),
            figure(one.stepsPerSecond),
            mib(one.stepsPerSecond * one.outputBytes),
            one.orchestratorPeakBytes === undefined ? '–' : mib(one.orchestratorPeakBytes),
          ]),
        ],
      },
      {
        title: `An output of ${tooLarge.outputBytes.toLocaleString('en-US')} bytes`,
        rows: [
          ['run', tooLarge.status],
          ['codes', tooLarge.codes.join(', ')],
          ['message', tooLarge.message],
        ],
      },
    ],
    demands: [
      {
        demand: `an output that is too large fails its run with ${TOO_LARGE}`,
        measured: [tooLarge.status, ...tooLarge.codes].join(', '),
        kept: tooLarge.status === 'failed' && tooLarge.codes.includes(TOO_LARGE),
      },
    ],
  };
}
