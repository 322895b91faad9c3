import type { Figures } from '../driver/job.ts';
import type { EngineName } from '../engines.ts';
import type { Environment } from '../environment.ts';
import type { Recovery } from '../recover.ts';
import type { Measurement, Results } from '../results.ts';
import { selectWorkloads, type WorkloadName } from '../workloads.ts';

export const environment: Environment = {
  at: '2026-01-01T00:00:00.000Z',
  cores: 2,
  cpu: 'A & B <cpu>',
  memoryBytes: 8 * 1_073_741_824,
  system: 'linux 6',
  node: 'v24.0.0',
  postgres: '18.4',
  redis: '7.0.15',
  peers: { bullmq: '1.2.3' },
  load: 0,
};

/** A measurement with that many steps per second and a p50 of that many milliseconds. */
export function measured(
  engine: EngineName,
  workload: WorkloadName,
  stepsPerSecond: number,
  p50Ms = 10,
  over: Partial<Figures> = {},
): Measurement {
  const figures: Figures = {
    type: 'figures',
    workload,
    wallMs: 1_000,
    runsPerSecond: stepsPerSecond / 5,
    stepsPerSecond,
    p50Ms,
    p95Ms: 2 * p50Ms,
    p99Ms: 3 * p50Ms,
    cores: { driver: 0.5 },
    peakBytes: { orchestrator: 100 * 1_048_576 },
    ...over,
  };
  return { round: 1, engine, figures };
}

export function recovered(engine: EngineName, recoveryMs: number, over: Partial<Recovery> = {}): Measurement {
  const figures = {
    type: 'recovery',
    workload: 'recovery',
    killedAfter: 500,
    recoveryMs,
    executions: 1_000,
    repeated: 0,
    lostRuns: 0,
  } as const;
  return { round: 1, engine, figures: { ...figures, ...over } };
}

export function resultsOf(measurements: readonly Measurement[], workloads: readonly WorkloadName[]): Results {
  return {
    environment,
    quick: false,
    rounds: 1,
    workloads: selectWorkloads(workloads, false),
    measurements,
    failures: [],
  };
}
