import type { GeneratorCounts } from './generate.ts';
import type { ProbeFigures } from './probe.ts';

export interface OverloadSecond {
  /** Answers so far. */
  readonly accepted: number;
  readonly refused: number;
  /** Runs that had succeeded so far, by Postgres. */
  readonly succeeded: number;
  readonly orchestratorBytes: number;
}

export interface OverloadFigures {
  /** Runs per second that were done while the client kept as many unfinished as are done at once. */
  readonly peakPerSecond: number;
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
  readonly memoryLimitBytes: number;
  readonly peakBytes: { readonly orchestrator: number; readonly worker: number };
}
