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
 * plans that read whole tables, or join them by reading one side whole, are ruled out from the start.
 */
export const PLANNING = 'set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off';

/** Connections of one orchestrator. A dead link is noticed by TCP keep-alive and by the answer's time limit. */
export function createPool(options: PoolOptions): pg.Pool {
  const limits = `set statement_timeout = ${wholeMs(options.statementTimeoutMs)}; set idle_in_transaction_session_timeout = ${wholeMs(2 * options.statementTimeoutMs)}`;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'mainstay-orchestrator',
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.statementTimeoutMs + LINK_GRACE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: (client) => client.query(`${limits}; ${PLANNING}; set timezone = 'UTC'`),
  });
  pool.on('error', options.onIdleError);
  return pool;
}

function wholeMs(ms: number): string {
  return String(Math.max(1, Math.round(ms)));
}
