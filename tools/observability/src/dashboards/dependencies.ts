import { type DashboardFacts, graph, quantile, rate, stat } from './panel-facts.ts';

export const dependencies: DashboardFacts = {
  name: 'dependencies',
  title: 'Postgres and Redis',
  description: 'What Mainstay stands upon. For whoever runs the database.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Postgres', 'bool', 'max(mainstay_dependency_up{dependency="postgres"})', 'Answers at least one orchestrator.', {
          runbooks: ['postgres-down'],
          limits: [1, 0.5],
        }),
        stat('Redis', 'bool', 'max(mainstay_dependency_up{dependency="redis"})', 'Answers at least one orchestrator.', {
          runbooks: ['redis-down'],
          limits: [1, 0.5],
        }),
        stat('Callers that wait', 'short', 'sum(mainstay_postgres_pool_waiting)', 'For a connection to Postgres.', {
          runbooks: ['connection-pool-exhausted'],
          limits: [1, 10],
        }),
        stat('Redis may evict', 'bool', 'max(mainstay_redis_may_evict)', 'Its policy must be noeviction.', {
          runbooks: ['redis-may-evict'],
          limits: [1, 1],
        }),
      ],
    },
    {
      title: 'Postgres',
      panels: [
        graph(
          'Connections',
          'short',
          {
            '{{state}}': 'sum by (state) (mainstay_postgres_pool_connections)',
            limit: 'sum(mainstay_postgres_pool_limit)',
            waiting: 'sum(mainstay_postgres_pool_waiting)',
          },
          'Of all orchestrators. Busy at the limit with callers waiting: the pool is exhausted.',
          ['connection-pool-exhausted'],
        ),
        graph(
          'Orchestrators standing aside',
          'short',
          { '{{instance}}': 'max by (instance) (mainstay_standing_aside)' },
          '1: Postgres answers this one nothing, and it leaves its work to the others.',
          ['dependency-unreachable', 'postgres-down'],
        ),
        graph(
          'Statements (99th percentile)',
          's',
          { '{{statement}}': quantile(0.99, 'mainstay_postgres_statement_duration_seconds', ['statement']) },
          'By name in the code.',
          ['slow-statements'],
        ),
        graph(
          'Statements',
          'ops',
          { '{{statement}}': rate('mainstay_postgres_statement_duration_seconds_count', ['statement']) },
          'By name in the code.',
          ['slow-statements'],
        ),
        graph(
          'Slow statements',
          'ops',
          { '{{statement}}': rate('mainstay_postgres_slow_statements_total', ['statement']) },
          'Over 100 ms.',
          ['slow-statements'],
        ),
      ],
    },
    {
      title: 'Redis',
      panels: [
        graph(
          'Calls (99th percentile)',
          's',
          { '{{call}}': quantile(0.99, 'mainstay_redis_call_duration_seconds', ['call']) },
          'Of the transport; those that wait for messages are left out.',
          ['redis-calls-fail'],
        ),
        graph('Calls', 'ops', { '{{call}}': rate('mainstay_redis_call_duration_seconds_count', ['call']) }, 'By name in the code.', [
          'redis-calls-fail',
        ]),
        graph('Calls that fail', 'ops', { '{{call}}': rate('mainstay_redis_failed_calls_total', ['call']) }, 'By name in the code.', [
          'redis-calls-fail',
          'redis-down',
        ]),
        graph(
          'Memory',
          'bytes',
          { used: 'max(mainstay_redis_used_bytes)', limit: 'max(mainstay_redis_limit_bytes)' },
          'A limit of 0 is none.',
          ['redis-memory-high'],
        ),
        graph(
          'Evicted keys and clients',
          'short',
          { evicted: 'max(mainstay_redis_evicted_keys)', clients: 'max(mainstay_redis_clients)' },
          'Nothing may ever be evicted.',
          ['redis-may-evict'],
        ),
        graph(
          'Tries to connect that failed',
          'ops',
          { '{{dependency}}': rate('mainstay_connection_retries_total', ['dependency']) },
          'While processes start.',
          ['dependency-unreachable'],
        ),
      ],
    },
    {
      title: 'Receiver of traces',
      panels: [
        graph(
          'Spans',
          'ops',
          { taken: rate('mainstay_spans_exported_total'), 'lost: {{reason}}': rate('mainstay_spans_dropped_total', ['reason']) },
          'Of all processes. Nothing waits for them: what is lost is only not seen.',
          ['spans-dropped'],
        ),
      ],
    },
  ],
};
