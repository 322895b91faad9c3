import type { GeneratorCounts } from './generate.ts';
import type { LagFigures } from './loop-lag.ts';
import type { ProbeFigures } from './probe.ts';
import type { StepFigures } from './step-times.ts';

export interface OverloadSecond {
  /** Answers so far. */
  readonly accepted: number;
  readonly refused: number;
  /** Runs that had succeeded so far, by Postgres. */
  readonly succeeded: number;
  readonly orchestratorBytes: number;
}

export interface OverloadFigures {
  /** Runs per second that are done while a client keeps as many unfinished as the worker has places. */
  readonly peakPerSecond: number;
  /** The same with far more of them: told beside it. */
  readonly most: { readonly inFlight: number; readonly perSecond: number };
  readonly factor: number;
  readonly seconds: number;
  readonly counts: GeneratorCounts;
  /** Runs of the flood that succeeded while it lasted. */
  readonly doneMeanwhile: number;
  /** From the end of the flood to the last end of what was accepted. */
  readonly drainMs: number;
  /** Of the flood's runs, in the end. */
  readonly succeeded: number;
  readonly bySecond: readonly OverloadSecond[];
  /** Runs of high priority, without and with the flood. */
  readonly work: { readonly unloaded: ProbeFigures; readonly flooded: ProbeFigures };
  /** The same with steps that do nothing. */
  readonly noop: { readonly unloaded: ProbeFigures; readonly flooded: ProbeFigures };
  /** Where the time of the steps of `work` goes. */
  readonly steps: { readonly unloaded: StepFigures; readonly flooded: StepFigures };
  /** Of the process that starts the runs of high priority and takes their times. */
  readonly ownLag: { readonly unloaded: LagFigures; readonly flooded: LagFigures };
  readonly memoryLimitBytes: number;
  readonly peakBytes: { readonly orchestrator: number; readonly worker: number };
}
