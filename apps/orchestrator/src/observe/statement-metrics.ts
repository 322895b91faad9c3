import { type Logger, type Metrics, timingsOf } from '@mainstay/observability';
import type { PoolUse } from '../store/postgres/postgres-store.ts';

/** A statement that takes longer is slow: it is counted and logged. */
export const SLOW_STATEMENT_MS = 100;

/** Times Postgres' statements by name. The names are those in the code. */
export function statementMetrics(metrics: Metrics, logger: Pick<Logger, 'warn'>): (statement: string, durationMs: number) => void {
  const observe = timingsOf(metrics.histogram('mainstay_postgres_statement_duration_seconds'), 'statement');
  const slow = metrics.counter('mainstay_postgres_slow_statements_total');
  const seen = new Set<string>();
  return (statement, durationMs) => {
    if (!seen.has(statement)) {
      seen.add(statement);
      slow.inc({ statement }, 0);
    }
    observe(statement, durationMs);
    if (durationMs <= SLOW_STATEMENT_MS) return;
    slow.inc({ statement });
    logger.warn({ statement, durationMs: Math.round(durationMs) }, `the statement ${statement} was slow`);
  };
}

/** Shows the use of the pool as it is at each scrape. */
export function poolMetrics(metrics: Metrics, poolUse: () => PoolUse): void {
  const connections = metrics.gauge('mainstay_postgres_pool_connections');
  const limit = metrics.gauge('mainstay_postgres_pool_limit');
  const waiting = metrics.gauge('mainstay_postgres_pool_waiting');
  metrics.onScrape(() => {
    const use = poolUse();
    connections.set({ state: 'idle' }, use.idle);
    connections.set({ state: 'busy' }, use.busy);
    limit.set(use.limit);
    waiting.set(use.waiting);
  });
}
