import { appendFileSync, readFileSync } from 'node:fs';
import { waitUntil } from '@mainstay/services';
import { runPool } from '../../driver/run-pool.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import { definitionOf, type PipelineShape } from '../../mainstay/definitions.ts';
import { countSteps, type StepCounts } from '../../step-counts.ts';
import type { Scene } from '../part.ts';
import { type Site, withSite } from '../site.ts';
import type { KillFigures } from './scale-out-report.ts';

export interface KillOptions {
  readonly victim: 'first' | 'second';
  readonly runs: number;
  readonly pipeline: PipelineShape;
}

const SUBMITTING = 100;
const DONE_MS = 90_000;
const HALF_MS = 60_000;

/** Hands in the runs at two orchestrators, kills one of them when half of the steps are done, and waits for all runs. */
export async function measureKill(scene: Scene, options: KillOptions): Promise<KillFigures> {
  return withSite(scene, { name: 'kill', notesSteps: true }, (site) => kill(scene, site, options));
}

async function kill({ signal, onProgress }: Scene, site: Site, { victim, runs, pipeline }: KillOptions): Promise<KillFigures> {
  const orchestrators = { first: await site.installation.startOrchestrator(), second: await site.installation.startOrchestrator() };
  await site.installation.startWorker(CAPACITY);
  const clients = [await site.runsAt(orchestrators.first), await site.runsAt(orchestrators.second)];
  appendFileSync(site.stepLog, '');
  await clients[0]?.define(definitionOf(pipeline));
  await runPool(runs, SUBMITTING, async (index) => clients[index % clients.length]?.submit(pipeline.name));
  const half = (runs * pipeline.stepsPerRun) / 2;
  await waitUntil(() => (counts(site).executions >= half ? true : undefined), { timeoutMs: HALF_MS, intervalMs: 5, signal });
  await orchestrators[victim].program.end('SIGKILL');
  const begun = performance.now();
  let succeeded = 0;
  await waitUntil(
    async () => {
      succeeded = (await clients[0]?.succeeded(pipeline.name)) ?? 0;
      return succeeded >= runs ? true : undefined;
    },
    { timeoutMs: DONE_MS, intervalMs: 20, signal },
  );
  const doneMs = performance.now() - begun;
  onProgress(`the ${victim} orchestrator was killed: ${succeeded} of ${runs} runs succeeded`);
  return { victim, runs, doneMs, lostRuns: runs - succeeded, repeatedSteps: counts(site).repeated };
}

function counts({ stepLog }: Site): StepCounts {
  return countSteps(readFileSync(stepLog, 'utf8'));
}
