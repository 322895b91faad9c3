import { boundedLabel, type Metrics, type Tally, zeroed } from '@mainstay/observability';
import { type Change, FINAL_RUN_STATUSES } from '../pipeline/model.ts';
import { REDISPATCHES } from './lost-tasks.ts';
import { runMetrics } from './run-metrics.ts';
import { failureOf, type TaskFailure } from './task-failure.ts';

/** Tasks of one kind that were dispatched and not begun, as of the last look. */
export interface WaitingTasks {
  readonly agent: string;
  /** Since the dispatch of the oldest one. */
  readonly oldestMs: number;
  /** How many, where no live worker offers the kind; else 0. */
  readonly unserved: number;
}

/** What the engine counts. */
export interface EngineMetrics {
  written(change: Change): void;
  batch(inputs: number, commitMs: number): void;
  stale(): void;
  reclaimed(reason: string, tasks: number): void;
  redispatched(reason: string, tasks: number): void;
  workers(count: number): void;
  /** Whether this orchestrator leaves its work to others. */
  aside(isAside: boolean): void;
  /** Replaces what was told before. */
  waiting(tasks: readonly WaitingTasks[]): void;
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'skipped', 'cancelled', 'dead']);

/** Tallies of tasks by kind and status, each made once. */
class TaskTallies {
  readonly #made = new Map<string, Map<string, Tally>>();
  readonly #labelOf: (kind: string) => string;
  readonly #make: (agent: string, status: string) => Tally;

  /** `labelOf` is asked when a kind is seen first. */
  constructor(labelOf: (kind: string) => string, make: (agent: string, status: string) => Tally) {
    this.#labelOf = labelOf;
    this.#make = make;
  }

  add(kind: string, status: string): void {
    const tallies = this.#made.get(kind) ?? this.#of(kind);
    let tally = tallies.get(status);
    if (tally === undefined) tallies.set(status, (tally = this.#make(kind, status)));
    tally.add();
  }

  /** Kinds beyond the bound of labels have theirs in common. */
  #of(kind: string): Map<string, Tally> {
    const label = this.#labelOf(kind);
    const tallies = this.#made.get(label) ?? new Map<string, Tally>();
    this.#made.set(label, tallies);
    return tallies;
  }
}

/** `onFailure` is told of each failed attempt: what is counted anyway is looked at for it. */
export function engineMetrics(metrics: Metrics, onFailure?: (failure: TaskFailure) => void): EngineMetrics {
  const agentLabel = boundedLabel();
  const tasksTotal = metrics.counter('mainstay_tasks_total');
  const retriesTotal = metrics.counter('mainstay_task_retries_total');
  const runs = runMetrics(metrics);
  /** What must be told at the first time as well begins at 0 with the kind's first task. */
  const firstSeen = (kind: string): string => {
    const agent = agentLabel(kind);
    tasksTotal.inc({ agent, status: 'dead' }, 0);
    retriesTotal.inc({ agent }, 0);
    return agent;
  };
  const tasks = new TaskTallies(firstSeen, (kind, status) => metrics.tally('mainstay_tasks_total', { agent: agentLabel(kind), status }));
  const batchSize = metrics.histogram('mainstay_batch_size');
  const commitSeconds = metrics.histogram('mainstay_commit_duration_seconds');
  const stale = metrics.counter('mainstay_stale_results_total');
  const reclaimed = zeroed(metrics.counter('mainstay_reclaimed_tasks_total'), 'reason', ['died', 'silent']);
  const redispatched = zeroed(metrics.counter('mainstay_redispatched_tasks_total'), 'reason', REDISPATCHES);
  const workers = metrics.gauge('mainstay_workers');
  const aside = metrics.gauge('mainstay_standing_aside');
  aside.set(0);
  const unserved = metrics.gauge('mainstay_unserved_tasks');
  const oldest = metrics.gauge('mainstay_oldest_waiting_task_age_seconds');
  return {
    written({ before, state, touched }) {
      if (before.startedAt === undefined && state.startedAt !== undefined) runs.began(state);
      if (before.status !== state.status && FINAL_RUN_STATUSES.has(state.status)) runs.ended(state);
      for (const stage of touched) {
        const task = state.tasks.get(stage);
        if (task === undefined) continue;
        if (task.error !== undefined) {
          const failure = failureOf(before, state, task);
          if (failure !== undefined) onFailure?.(failure);
        }
        if (ENDED.has(task.status)) tasks.add(task.agent, task.status);
        else if (task.status === 'ready' && task.failures > (before.tasks.get(stage)?.failures ?? 0)) {
          retriesTotal.inc({ agent: agentLabel(task.agent) });
        }
      }
    },
    batch(inputs, commitMs) {
      batchSize.observe(inputs);
      commitSeconds.observe(commitMs / 1_000);
    },
    aside: (isAside) => {
      aside.set(isAside ? 1 : 0);
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
    waiting: (kinds) => {
      unserved.reset();
      oldest.reset();
      const ages = new Map<string, number>();
      for (const { agent: kind, oldestMs, unserved: tasksWithout } of kinds) {
        const agent = agentLabel(kind);
        ages.set(agent, Math.max(ages.get(agent) ?? 0, oldestMs));
        if (tasksWithout > 0) unserved.inc({ agent }, tasksWithout);
      }
      for (const [agent, ageMs] of ages) oldest.set({ agent }, ageMs / 1_000);
    },
  };
}
