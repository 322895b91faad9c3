import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from './driver/job.ts';
import type { Engine } from './engines.ts';
import { runDriver } from './run-driver.ts';
import { countSteps } from './step-counts.ts';
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
  const counts = () => countSteps(readFileSync(job.stepLog, 'utf8'));
  const first = await runDriver(engine, { ...job, phase: 'start', workloads: [workload] });
  const { victim } = await first.next('started');
  const half = (workload.runs * workload.stepsPerRun) / 2;
  const end = performance.now() + START_LIMIT_MS;
  while (counts().executions < half) {
    if (performance.now() > end) throw new Error(`${engine.label} did not do half of the steps within ${START_LIMIT_MS} ms`);
    await delay(LOOK_MS);
  }
  process.kill(victim, 'SIGKILL');
  const killedAt = performance.now();
  const killedAfter = counts().executions;
  const second = victim === first.pid ? await runDriver(engine, { ...job, phase: 'resume', workloads: [workload] }) : first;
  const { finished } = await second.next('done');
  const recoveryMs = performance.now() - killedAt;
  await second.ended;
  const { executions, repeated } = counts();
  return { type: 'recovery', workload: 'recovery', killedAfter, recoveryMs, executions, repeated, lostRuns: workload.runs - finished };
}
