import pg from 'pg';

export interface PoolOptions {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** A connection broke while nobody used it. */
  readonly onIdleError: (error: Error) => void;
}

/** How much later than the server's own limit the answer to a statement is given up: then the link is taken to be dead. */
const LINK_GRACE_MS = 2_000;

/**
 * Every statement here has an index to go by, and tables grow from nothing to millions of rows while a prepared plan lives:
 * plans that read whole tables, or join them by reading one side whole, are ruled out from the start. Then one plan is good
 * for all parameters, and planning, which costs more than running, is done once per connection. Nor are there parallel workers:
 * starting them costs more than any of these statements.
 */
export const PLANNING =
  'set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off; set max_parallel_workers_per_gather = 0; set plan_cache_mode = force_generic_plan';

/** Connections of one orchestrator. A dead link is noticed by TCP keep-alive and by the answer's time limit. */
export function createPool(options: PoolOptions): pg.Pool {
  const limits = `set statement_timeout = ${wholeMs(options.statementTimeoutMs)}; set idle_in_transaction_session_timeout = ${wholeMs(2 * options.statementTimeoutMs)}`;
  // The pool waits for the promise, though its types do not say so.
  const prepare = (client: pg.ClientBase): unknown => client.query(`${limits}; ${PLANNING}; set timezone = 'UTC'`);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'mainstay-orchestrator',
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.statementTimeoutMs + LINK_GRACE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: prepare,
  });
  pool.on('error', options.onIdleError);
  return pool;
}

function wholeMs(ms: number): string {
  return String(Math.max(1, Math.round(ms)));
}
