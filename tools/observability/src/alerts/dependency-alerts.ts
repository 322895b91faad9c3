import type { AlertRule } from '../rule.ts';

/** What Mainstay stands upon. */
export const dependencyAlerts: readonly AlertRule[] = [
  {
    alert: 'PostgresDown',
    severity: 'critical',
    expr: 'max(mainstay_dependency_up{dependency="postgres"}) == 0',
    forMinutes: 1,
    runbook: 'postgres-down',
    summary: 'No orchestrator gets an answer from Postgres.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_dependency_up{dependency="postgres",instance="a"}': '0x30' },
      quiet: {
        'mainstay_dependency_up{dependency="postgres",instance="a"}': '0x30',
        'mainstay_dependency_up{dependency="postgres",instance="b"}': '1x30',
      },
    },
  },
  {
    alert: 'RedisDown',
    severity: 'critical',
    expr: 'max(mainstay_dependency_up{dependency="redis"}) == 0',
    forMinutes: 1,
    runbook: 'redis-down',
    summary: 'No orchestrator gets an answer from Redis.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_dependency_up{dependency="redis",instance="a"}': '0x30' },
      quiet: { 'mainstay_dependency_up{dependency="redis",instance="a"}': '1x30' },
    },
  },
  {
    alert: 'DependencyUnreachable',
    severity: 'error',
    expr: 'mainstay_dependency_up == 0',
    forMinutes: 2,
    runbook: 'dependency-unreachable',
    summary: '{{ $labels.instance }} gets no answer from {{ $labels.dependency }}.',
    test: {
      atMinute: 5,
      firing: {
        'mainstay_dependency_up{dependency="redis",instance="a"}': '0x30',
        'mainstay_dependency_up{dependency="redis",instance="b"}': '1x30',
      },
      quiet: { 'mainstay_dependency_up{dependency="redis",instance="a"}': '1x30' },
    },
  },
  {
    alert: 'ConnectionPoolExhausted',
    severity: 'error',
    expr: 'min_over_time(mainstay_postgres_pool_waiting[2m]) > 0',
    forMinutes: 1,
    runbook: 'connection-pool-exhausted',
    summary: '{{ $value }} callers on {{ $labels.instance }} wait for a connection to Postgres all the time.',
    test: {
      atMinute: 10,
      firing: { mainstay_postgres_pool_waiting: '3x30' },
      quiet: { mainstay_postgres_pool_waiting: '0 5 0 5 0 5 0 5 0 5 0 5 0' },
    },
  },
  {
    alert: 'SlowStatements',
    severity: 'warning',
    expr: 'sum by (statement) (rate(mainstay_postgres_slow_statements_total[5m])) > 0.1',
    forMinutes: 10,
    runbook: 'slow-statements',
    summary: 'The statement {{ $labels.statement }} takes over 100 ms, {{ $value | humanize }} times a second.',
    test: {
      atMinute: 20,
      firing: { 'mainstay_postgres_slow_statements_total{statement="commit"}': '0+60x30' },
      quiet: { 'mainstay_postgres_slow_statements_total{statement="commit"}': '0+1x30' },
    },
  },
  {
    alert: 'SlowCommits',
    severity: 'warning',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(mainstay_commit_duration_seconds_bucket[5m]))) > 0.25',
    forMinutes: 10,
    runbook: 'slow-commits',
    summary: 'One batch of a hundred takes longer than {{ $value | humanizeDuration }} to be written.',
    test: {
      atMinute: 20,
      firing: {
        'mainstay_commit_duration_seconds_bucket{le="0.25"}': '0+50x30',
        'mainstay_commit_duration_seconds_bucket{le="1"}': '0+100x30',
        'mainstay_commit_duration_seconds_bucket{le="+Inf"}': '0+100x30',
      },
      quiet: {
        'mainstay_commit_duration_seconds_bucket{le="0.25"}': '0+100x30',
        'mainstay_commit_duration_seconds_bucket{le="+Inf"}': '0+100x30',
      },
    },
  },
  {
    alert: 'RedisMayEvict',
    severity: 'error',
    expr: 'max(mainstay_redis_may_evict) > 0',
    forMinutes: 1,
    runbook: 'redis-may-evict',
    summary: 'Redis is configured to drop keys when it is full: tasks may be lost from the queues.',
    test: { atMinute: 5, firing: { mainstay_redis_may_evict: '1x30' }, quiet: { mainstay_redis_may_evict: '0x30' } },
  },
  {
    alert: 'RedisCallsFail',
    severity: 'error',
    expr: 'sum by (call) (rate(mainstay_redis_failed_calls_total[5m])) > 0.1',
    forMinutes: 5,
    runbook: 'redis-calls-fail',
    summary: 'Calls {{ $labels.call }} to Redis fail {{ $value | humanize }} times a second.',
    test: {
      atMinute: 15,
      firing: { 'mainstay_redis_failed_calls_total{call="sendTasks"}': '0+60x30' },
      quiet: { 'mainstay_redis_failed_calls_total{call="sendTasks"}': '3x30' },
    },
  },
  {
    alert: 'BreakerOpen',
    severity: 'warning',
    expr: 'max by (breaker) (mainstay_breaker_state) == 2',
    forMinutes: 1,
    runbook: 'breaker-open',
    summary: 'The circuit breaker {{ $labels.breaker }} is open: calls to it are refused.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_breaker_state{breaker="search"}': '2x30' },
      quiet: { 'mainstay_breaker_state{breaker="search"}': '1x30' },
    },
  },
];
