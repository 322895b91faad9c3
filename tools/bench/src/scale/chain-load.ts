import { runPool } from '../driver/run-pool.ts';
import { definitionOf, type PipelineShape } from '../mainstay/definitions.ts';
import type { Runs } from '../mainstay/runs.ts';
import { CHAIN_LENGTH } from '../workloads.ts';

/** The chain of no-op steps of `bench:peers`. */
export const CHAIN: PipelineShape = { name: 'chain', shape: 'chain', stepsPerRun: CHAIN_LENGTH, outputBytes: 200, stepMs: 0 };

export interface Load {
  readonly pipeline: PipelineShape;
  /** Runs before the measured ones. */
  readonly warmUpRuns: number;
  readonly runs: number;
  readonly inFlight: number;
}

export interface LoadFigures {
  readonly runsPerSecond: number;
  readonly stepsPerSecond: number;
}

/** Does the runs, dealt to the clients in turn, after some to warm up. */
export async function measureLoad(clients: readonly Runs[], { pipeline, warmUpRuns, runs, inFlight }: Load): Promise<LoadFigures> {
  await clients[0]?.define(definitionOf(pipeline));
  const one = async (index: number): Promise<void> => clients[index % clients.length]?.run(pipeline.name);
  await runPool(warmUpRuns, inFlight, one);
  const { wallMs } = await runPool(runs, inFlight, one);
  const runsPerSecond = (runs * 1_000) / wallMs;
  return { runsPerSecond, stepsPerSecond: runsPerSecond * pipeline.stepsPerRun };
}
