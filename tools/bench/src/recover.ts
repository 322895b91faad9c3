import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from './driver/job.ts';
import type { Engine } from './engines.ts';
import { runDriver } from './run-driver.ts';
import { countSteps, type StepCounts } from './step-counts.ts';
import type { Workload } from './workloads.ts';

/** What a killed worker cost. */
export interface Recovery {
  readonly type: 'recovery';
  readonly workload: 'recovery';
  /** Steps that were done when the worker was killed. */
  readonly killedAfter: number;
  /** From the kill to the end of the last run. */
  readonly recoveryMs: number;
  readonly executions: number;
  readonly repeated: number;
  readonly lostRuns: number;
}

const START_LIMIT_MS = 60_000;
const LOOK_MS = 2;

/**
 * Hands in the runs, kills the process that does the steps when half of them are done, and starts a new one at once: the
 * driver itself where the engine lives in it; else the driver replaces its worker.
 */
export async function recover(engine: Engine, job: Job, workload: Workload): Promise<Recovery> {
  appendFileSync(job.stepLog, '');
  const first = await runDriver(engine, { ...job, phase: 'start', workloads: [workload] });
  try {
    const { victim } = await first.next('started');
    await halfDone(engine, job, (workload.runs * workload.stepsPerRun) / 2);
    process.kill(victim, 'SIGKILL');
    const killedAt = performance.now();
    const killedAfter = countsOf(job).executions;
    const second = victim === first.pid ? await runDriver(engine, { ...job, phase: 'resume', workloads: [workload] }) : first;
    try {
      const { finished } = await second.next('done');
      const recoveryMs = performance.now() - killedAt;
      const { executions, repeated } = countsOf(job);
      return { type: 'recovery', workload: 'recovery', killedAfter, recoveryMs, executions, repeated, lostRuns: workload.runs - finished };
    } finally {
      await second.end();
    }
  } finally {
    await first.end();
  }
}

function countsOf({ stepLog }: Job): StepCounts {
  return countSteps(readFileSync(stepLog, 'utf8'));
}

async function halfDone({ label }: Engine, job: Job, half: number): Promise<void> {
  const end = performance.now() + START_LIMIT_MS;
  while (countsOf(job).executions < half) {
    if (performance.now() > end) throw new Error(`${label} did not do half of the steps within ${START_LIMIT_MS} ms`);
    await delay(LOOK_MS);
  }
}
