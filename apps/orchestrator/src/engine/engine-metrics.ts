import type { Metrics } from '@mainstay/observability';
import { type Change, FINAL_RUN_STATUSES } from '../pipeline/model.ts';
import { failureOf, type TaskFailure } from './task-failure.ts';

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

/** Counts within a batch, and tells a counter once. */
class Tally {
  #count = 0;
  readonly #counter: { inc(by: number): void };

  constructor(counter: { inc(by: number): void }) {
    this.#counter = counter;
  }

  /** True at the first one since the last {@link tell}. */
  add(): boolean {
    return ++this.#count === 1;
  }

  tell(): void {
    this.#counter.inc(this.#count);
    this.#count = 0;
  }
}

/** Tallies by label values, each made once. */
class Tallies {
  readonly #made = new Map<string, Map<string, Tally>>();
  readonly #make: (a: string, b: string) => Tally;
  #raised: Tally[] = [];

  constructor(make: (a: string, b: string) => Tally) {
    this.#make = make;
  }

  add(a: string, b: string): void {
    let inner = this.#made.get(a);
    if (inner === undefined) this.#made.set(a, (inner = new Map<string, Tally>()));
    let tally = inner.get(b);
    if (tally === undefined) inner.set(b, (tally = this.#make(a, b)));
    if (tally.add()) this.#raised.push(tally);
  }

  tell(): void {
    for (const tally of this.#raised) tally.tell();
    this.#raised = [];
  }
}

/** `onFailure` is told of each failed attempt: what is counted anyway is looked at for it. */
export function engineMetrics(metrics: Metrics, onFailure?: (failure: TaskFailure) => void): EngineMetrics {
  const runsTotal = metrics.counter('mainstay_runs_total');
  const tasksTotal = metrics.counter('mainstay_tasks_total');
  const runs = new Tallies((status) => new Tally(runsTotal.labels({ status })));
  const tasks = new Tallies((agent, status) => new Tally(tasksTotal.labels({ agent, status })));
  const batchSize = metrics.histogram('mainstay_batch_size');
  const commitSeconds = metrics.histogram('mainstay_commit_duration_seconds');
  const stale = metrics.counter('mainstay_stale_results_total');
  const reclaimed = metrics.counter('mainstay_reclaimed_tasks_total');
  const redispatched = metrics.counter('mainstay_redispatched_tasks_total');
  const workers = metrics.gauge('mainstay_workers');
  return {
    changes(changes) {
      for (const { before, state, touched } of changes) {
        if (before.status !== state.status && FINAL_RUN_STATUSES.has(state.status)) runs.add(state.status, '');
        for (const stage of touched) {
          const task = state.tasks.get(stage);
          if (task === undefined) continue;
          if (task.error !== undefined) {
            const failure = failureOf(before, state, task);
            if (failure !== undefined) onFailure?.(failure);
          }
          if (ENDED.has(task.status)) tasks.add(task.agent, task.status);
        }
      }
      runs.tell();
      tasks.tell();
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
