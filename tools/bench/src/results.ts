import type { Figures } from './driver/job.ts';
import type { EngineName } from './engines.ts';
import type { Environment } from './environment.ts';
import type { Recovery } from './recover.ts';
import type { Workload } from './workloads.ts';

/** One workload on one engine in one round. */
export interface Measurement {
  readonly round: number;
  readonly engine: EngineName;
  readonly figures: Figures | Recovery;
}

/** All of one call of the benchmark. */
export interface Results {
  readonly environment: Environment;
  readonly quick: boolean;
  readonly rounds: number;
  readonly workloads: readonly Workload[];
  readonly measurements: readonly Measurement[];
  /** Engines that failed, with the reason. */
  readonly failures: readonly { readonly round: number; readonly engine: EngineName; readonly error: string }[];
}
