import type { Metrics } from '@mainstay/observability';
import { type Change, FINAL_RUN_STATUSES } from '../pipeline/model.ts';

/** What the engine counts. */
export interface EngineMetrics {
  changes(changes: readonly Change[]): void;
  batch(inputs: number, commitMs: number): void;
  stale(): void;
  reclaimed(reason: string, tasks: number): void;
  redispatched(reason: string, tasks: number): void;
  workers(count: number): void;
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'skipped', 'cancelled', 'dead']);

export function engineMetrics(metrics: Metrics): EngineMetrics {
  const runs = metrics.counter('mainstay_runs_total');
  const tasks = metrics.counter('mainstay_tasks_total');
  const batchSize = metrics.histogram('mainstay_batch_size');
  const commitSeconds = metrics.histogram('mainstay_commit_duration_seconds');
  const stale = metrics.counter('mainstay_stale_results_total');
  const reclaimed = metrics.counter('mainstay_reclaimed_tasks_total');
  const redispatched = metrics.counter('mainstay_redispatched_tasks_total');
  const workers = metrics.gauge('mainstay_workers');
  return {
    changes(changes) {
      for (const { before, state, touched } of changes) {
        if (before.status !== state.status && FINAL_RUN_STATUSES.has(state.status)) runs.inc({ status: state.status });
        for (const stage of touched) {
          const task = state.tasks.get(stage);
          if (task !== undefined && ENDED.has(task.status)) tasks.inc({ agent: task.agent, status: task.status });
        }
      }
    },
    batch(inputs, commitMs) {
      batchSize.observe(inputs);
      commitSeconds.observe(commitMs / 1_000);
    },
    stale: () => {
      stale.inc();
    },
    reclaimed: (reason, count) => {
      reclaimed.inc({ reason }, count);
    },
    redispatched: (reason, count) => {
      redispatched.inc({ reason }, count);
    },
    workers: (count) => {
      workers.set(count);
    },
  };
}
