import { defineMetrics, type MetricFacts } from './metric-facts.ts';

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const TASK_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600] as const;
const RUN_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400] as const;
const STATEMENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const;
const BATCH = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] as const;

/**
 * Every metric of the platform, declared once. Labels take few values: never ids, never text from outside. `route` is the route's
 * pattern, `agent` an agent's kind, `statement` and `call` names in the code; what programs choose is cut by `boundedLabel`.
 */
export const metricCatalogue = defineMetrics({
  mainstay_http_requests_total: { type: 'counter', help: 'HTTP requests answered.', labels: ['method', 'route', 'status'] },
  mainstay_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the arrival of a request to the end of its answer.',
    labels: ['method', 'route', 'status'],
    unit: 'seconds',
    buckets: REQUEST_SECONDS,
  },
  mainstay_open_event_streams: { type: 'gauge', help: 'Event streams that clients hold open.', labels: [] },
  mainstay_cache_requests_total: { type: 'counter', help: 'Reads of a cache, by whether it had the value.', labels: ['cache', 'result'] },

  mainstay_runs_total: { type: 'counter', help: 'Runs that came into this state.', labels: ['status'] },
  mainstay_run_duration_seconds: {
    type: 'histogram',
    help: 'Time from the creation of a run to its end.',
    labels: ['status'],
    unit: 'seconds',
    buckets: RUN_SECONDS,
  },
  mainstay_run_start_delay_seconds: {
    type: 'histogram',
    help: 'Time from the creation of a run to its begin.',
    labels: [],
    unit: 'seconds',
    buckets: RUN_SECONDS,
  },
  mainstay_empty_runs_total: { type: 'counter', help: 'Runs that succeeded without a result: null, or nothing in it.', labels: [] },
  mainstay_stalled_runs: { type: 'gauge', help: 'Runs on which nothing advances, by reason, as of the last look.', labels: ['reason'] },
  mainstay_oldest_stall_age_seconds: {
    type: 'gauge',
    help: 'Time for which the longest of the stalled runs has not advanced, by reason; 0: there is none.',
    labels: ['reason'],
    unit: 'seconds',
  },
  mainstay_tasks_total: { type: 'counter', help: 'Tasks that ended, by kind of agent and outcome.', labels: ['agent', 'status'] },
  mainstay_task_retries_total: { type: 'counter', help: 'Failed attempts after which the task waits for another.', labels: ['agent'] },
  mainstay_task_duration_seconds: {
    type: 'histogram',
    help: 'Time that attempts ran in the worker.',
    labels: ['agent'],
    unit: 'seconds',
    buckets: TASK_SECONDS,
  },
  mainstay_worker_running: { type: 'gauge', help: 'Attempts that run in this worker.', labels: [] },
  mainstay_batch_size: { type: 'histogram', help: 'Worker messages per transaction.', labels: [], buckets: BATCH },
  mainstay_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time of a batch transaction, from its begin to its commit.',
    labels: [],
    unit: 'seconds',
    buckets: REQUEST_SECONDS,
  },
  mainstay_stale_results_total: { type: 'counter', help: 'Worker messages dropped because their fence was old.', labels: [] },
  mainstay_messages_refused_total: { type: 'counter', help: 'Messages refused before they were read.', labels: ['reason'] },
  mainstay_reclaimed_tasks_total: { type: 'counter', help: 'Tasks taken back from workers.', labels: ['reason'] },
  mainstay_redispatched_tasks_total: { type: 'counter', help: 'Tasks dispatched again by the sweeper.', labels: ['reason'] },
  mainstay_workers: { type: 'gauge', help: 'Workers that are alive.', labels: [] },

  mainstay_queue_depth: { type: 'gauge', help: 'Tasks that wait for a worker.', labels: ['agent'] },
  mainstay_queue_pending: { type: 'gauge', help: 'Tasks that workers have taken and not ended.', labels: ['agent'] },
  mainstay_unserved_tasks: { type: 'gauge', help: 'Tasks that wait although no live worker offers their kind.', labels: ['agent'] },
  mainstay_oldest_waiting_task_age_seconds: {
    type: 'gauge',
    help: 'Time since the dispatch of the oldest task that no worker has begun.',
    labels: ['agent'],
    unit: 'seconds',
  },

  mainstay_dependency_up: { type: 'gauge', help: 'Whether the dependency answered at the last look: 1 or 0.', labels: ['dependency'] },
  mainstay_standing_aside: {
    type: 'gauge',
    help: 'Whether this orchestrator leaves its work to others because Postgres answers it nothing: 1 or 0.',
    labels: [],
  },
  mainstay_audit_records_waiting: {
    type: 'gauge',
    help: 'Audit records of this process that wait for the database; what ends before that is in its log only.',
    labels: [],
  },
  mainstay_connection_retries_total: { type: 'counter', help: 'Tries to connect at the start that failed.', labels: ['dependency'] },
  mainstay_postgres_statement_duration_seconds: {
    type: 'histogram',
    help: 'Time of statements that were answered, by their name.',
    labels: ['statement'],
    unit: 'seconds',
    buckets: STATEMENT_SECONDS,
  },
  mainstay_postgres_slow_statements_total: { type: 'counter', help: 'Statements that took over 100 ms.', labels: ['statement'] },
  mainstay_postgres_pool_connections: { type: 'gauge', help: 'Connections to Postgres, by state: idle or busy.', labels: ['state'] },
  mainstay_postgres_pool_limit: { type: 'gauge', help: 'Connections to Postgres at most.', labels: [] },
  mainstay_postgres_pool_waiting: { type: 'gauge', help: 'Callers that wait for a connection to Postgres.', labels: [] },
  mainstay_redis_call_duration_seconds: {
    type: 'histogram',
    help: 'Time of calls of the transport, without those that wait for messages.',
    labels: ['call'],
    unit: 'seconds',
    buckets: STATEMENT_SECONDS,
  },
  mainstay_redis_failed_calls_total: { type: 'counter', help: 'Calls of the transport that failed.', labels: ['call'] },
  mainstay_redis_used_bytes: { type: 'gauge', help: 'Memory that Redis uses.', labels: [], unit: 'bytes' },
  mainstay_redis_limit_bytes: { type: 'gauge', help: 'Memory that Redis may use; 0: no limit is set.', labels: [], unit: 'bytes' },
  mainstay_redis_evicted_keys: { type: 'gauge', help: 'Keys that Redis has dropped since its start.', labels: [] },
  mainstay_redis_clients: { type: 'gauge', help: 'Connections to Redis, of all its users.', labels: [] },
  mainstay_redis_may_evict: { type: 'gauge', help: 'Whether Redis may drop tasks when it is full: 1 or 0.', labels: [] },
  mainstay_external_calls_total: { type: 'counter', help: 'Calls of agents to the outside, by outcome.', labels: ['call', 'outcome'] },
  mainstay_external_call_duration_seconds: {
    type: 'histogram',
    help: 'Time of calls of agents to the outside, their retries included.',
    labels: ['call'],
    unit: 'seconds',
    buckets: TASK_SECONDS,
  },
  mainstay_external_call_retries_total: { type: 'counter', help: 'Retries of calls of agents to the outside.', labels: ['call'] },
  mainstay_breaker_state: { type: 'gauge', help: 'State of a circuit breaker: 0 closed, 1 half open, 2 open.', labels: ['breaker'] },

  mainstay_spans_exported_total: { type: 'counter', help: 'Spans that the receiver of traces took.', labels: [] },
  mainstay_spans_dropped_total: {
    type: 'counter',
    help: 'Spans that were lost: the queue was full, they could not be sent, or the process ended.',
    labels: ['reason'],
  },

  mainstay_retention_removed_runs_total: { type: 'counter', help: 'Finished runs removed because of their age.', labels: [] },
  mainstay_retention_seconds_total: {
    type: 'counter',
    help: 'Time spent in removing finished runs, pauses left out.',
    labels: [],
    unit: 'seconds',
  },
  mainstay_oldest_finished_run_age_seconds: {
    type: 'gauge',
    help: 'Time since the oldest finished run ended, at the last look; 0: there is none.',
    labels: [],
    unit: 'seconds',
  },
  mainstay_api_keys_expiring: { type: 'gauge', help: 'API keys in force that expire within 14 days.', labels: [] },
  mainstay_emergency: { type: 'gauge', help: 'Whether this process is in an emergency: 1 or 0.', labels: [] },
  mainstay_emergencies_total: { type: 'counter', help: 'Emergencies that began, by what set them off.', labels: ['trigger'] },
  mainstay_health_score: { type: 'gauge', help: 'Health of this process: 1 is well, below 0.3 is an emergency.', labels: [] },
  mainstay_memory_share: { type: 'gauge', help: 'Share of the memory limit in use; above 0.95 is an emergency.', labels: [] },
  mainstay_submissions_shed_total: {
    type: 'counter',
    help: 'Submissions refused for their priority, by the code of the refusal.',
    labels: ['code'],
  },
  mainstay_stray_work_total: {
    type: 'counter',
    help: 'Calls that went on for a second or longer after they were given up, by name.',
    labels: ['operation'],
  },
  mainstay_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'Delay of the event loop, 99th percentile since the last scrape.',
    labels: [],
    unit: 'seconds',
  },
});

type Catalogue = typeof metricCatalogue;

/** A name of the catalogue. */
export type MetricName = keyof Catalogue;

/** The names of one type. */
export type NameOf<T extends MetricFacts['type']> = { [N in MetricName]: Catalogue[N]['type'] extends T ? N : never }[MetricName];

/** The labels of one metric. */
export type LabelOf<N extends MetricName> = Catalogue[N]['labels'][number];
