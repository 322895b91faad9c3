export const WORKLOAD_NAMES = ['chain', 'fan', 'lone', 'payload', 'recovery'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** Stages of the fan between the first and the last. */
export const FAN_WIDTH = 10;
export const CHAIN_LENGTH = 5;

/** What an engine is asked to do; every engine gets the same. */
export interface Workload {
  readonly name: WorkloadName;
  /** Steps one after the other, or one, {@link FAN_WIDTH} in parallel, one. */
  readonly shape: 'chain' | 'fan';
  readonly stepsPerRun: number;
  readonly runs: number;
  /** Runs that the client keeps unfinished at the same time. */
  readonly inFlight: number;
  /** Runs before the measured ones, until compilers have done what they will: about 10,000 steps of the first workload. */
  readonly warmUpRuns: number;
  /** JSON of one step's output. */
  readonly outputBytes: number;
  /** What one step waits; 0 is a no-op. */
  readonly stepMs: number;
}

const SMALL_BYTES = 200;
const LARGE_BYTES = 16 * 1_024;

const FULL: readonly Workload[] = [
  chain({ name: 'chain', runs: 2_000, inFlight: 200, warmUpRuns: 2_000 }),
  { ...chain({ name: 'fan', runs: 500, inFlight: 50, warmUpRuns: 200 }), shape: 'fan', stepsPerRun: FAN_WIDTH + 2 },
  chain({ name: 'lone', runs: 100, inFlight: 1, warmUpRuns: 20 }),
  { ...chain({ name: 'payload', runs: 2_000, inFlight: 200, warmUpRuns: 500 }), outputBytes: LARGE_BYTES },
  { ...chain({ name: 'recovery', runs: 200, inFlight: 200, warmUpRuns: 0 }), stepMs: 50 },
];

const QUICK_RUNS: Readonly<Record<WorkloadName, number>> = { chain: 400, fan: 100, lone: 20, payload: 200, recovery: 40 };

function chain(given: Pick<Workload, 'name' | 'runs' | 'inFlight' | 'warmUpRuns'>): Workload {
  return { shape: 'chain', stepsPerRun: CHAIN_LENGTH, outputBytes: SMALL_BYTES, stepMs: 0, ...given };
}

/** The workloads of those names in their usual order; `quick` ones are for trying things out, not for figures. */
export function selectWorkloads(names: readonly WorkloadName[], quick: boolean): readonly Workload[] {
  return FULL.filter(({ name }) => names.includes(name)).map((workload) =>
    quick ? { ...workload, runs: QUICK_RUNS[workload.name], warmUpRuns: Math.min(workload.warmUpRuns, 20) } : workload,
  );
}
