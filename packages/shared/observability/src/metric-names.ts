/** What is declared of one metric. */
export interface MetricFacts {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const define = <const C extends Readonly<Record<string, MetricFacts>>>(catalogue: C): C => Object.freeze(catalogue);

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const TASK_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600] as const;
const BATCH = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] as const;

/**
 * Every metric of the platform, declared once. Labels take few values: never ids, never text from outside.
 * `route` is the route's pattern, `agent` an agent's kind.
 */
export const metricCatalogue = define({
  mainstay_http_requests_total: { type: 'counter', help: 'HTTP requests answered.', labels: ['method', 'route', 'status'] },
  mainstay_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the arrival of a request to the end of its answer.',
    labels: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
  },
  mainstay_runs_total: { type: 'counter', help: 'Runs that came into this state.', labels: ['status'] },
  mainstay_tasks_total: { type: 'counter', help: 'Tasks that ended, by kind of agent and outcome.', labels: ['agent', 'status'] },
  mainstay_task_duration_seconds: {
    type: 'histogram',
    help: 'Time that attempts ran in the worker.',
    labels: ['agent'],
    buckets: TASK_SECONDS,
  },
  mainstay_batch_size: { type: 'histogram', help: 'Worker messages per transaction.', labels: [], buckets: BATCH },
  mainstay_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time of a batch transaction, from its begin to its commit.',
    labels: [],
    buckets: REQUEST_SECONDS,
  },
  mainstay_stale_results_total: { type: 'counter', help: 'Worker messages dropped because their fence was old.', labels: [] },
  mainstay_messages_refused_total: { type: 'counter', help: 'Messages refused before they were read.', labels: ['reason'] },
  mainstay_reclaimed_tasks_total: { type: 'counter', help: 'Tasks taken back from workers.', labels: ['reason'] },
  mainstay_redispatched_tasks_total: { type: 'counter', help: 'Tasks dispatched again by the sweeper.', labels: ['reason'] },
  mainstay_queue_depth: { type: 'gauge', help: 'Tasks that wait for a worker.', labels: ['agent'] },
  mainstay_workers: { type: 'gauge', help: 'Workers that are alive.', labels: [] },
  mainstay_open_event_streams: { type: 'gauge', help: 'Event streams that clients hold open.', labels: [] },
  mainstay_retention_removed_runs_total: { type: 'counter', help: 'Finished runs removed because of their age.', labels: [] },
  mainstay_retention_seconds_total: { type: 'counter', help: 'Time spent in removing finished runs, pauses left out.', labels: [] },
  mainstay_oldest_finished_run_age_seconds: {
    type: 'gauge',
    help: 'Time since the oldest finished run ended, at the last look; 0: there is none.',
    labels: [],
  },
  mainstay_worker_running: { type: 'gauge', help: 'Attempts that run in this worker.', labels: [] },
  mainstay_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'Delay of the event loop, 99th percentile since the last scrape.',
    labels: [],
  },
});

type Catalogue = typeof metricCatalogue;

/** A name of the catalogue. */
export type MetricName = keyof Catalogue;

/** The names of one type. */
export type NameOf<T extends MetricFacts['type']> = { [N in MetricName]: Catalogue[N]['type'] extends T ? N : never }[MetricName];

/** The labels of one metric. */
export type LabelOf<N extends MetricName> = Catalogue[N]['labels'][number];
