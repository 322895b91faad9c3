import { raceAbort } from '@mainstay/utils';
import type { Store } from '../store.ts';
import { auditMethods } from './audit-methods.ts';
import { Calm } from './calm.ts';
import { ServerClock } from './clock.ts';
import { clusterMethods } from './cluster-methods.ts';
import { Database } from './database.ts';
import { errorMethods } from './error-methods.ts';
import { keyMethods } from './key-methods.ts';
import { migrate } from './migrate.ts';
import { pipelineMethods } from './pipeline-methods.ts';
import { createPool } from './pool.ts';
import { readMethods } from './read-methods.ts';
import { recountAllSlots } from './reserve-slots.ts';
import { retentionMethods } from './retention-methods.ts';
import { runMethods } from './run-methods.ts';
import { ping } from './sql/cluster.ts';
import { sweepMethods } from './sweep-methods.ts';

/** What the store tells of itself: `fields` first, as the platform's logger takes it. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface PostgresStoreOptions {
  /** `postgresql://…` */
  readonly url: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** The server gives up a statement after so long. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /** For a new connection, or for a free one of the pool. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Told of every statement, by name. */
  readonly onQuery?: (name: string, durationMs: number) => void;
  readonly logger?: StoreLogger;
}

/** How the connections are used. */
export interface PoolUse {
  readonly limit: number;
  readonly idle: number;
  /** Those that run statements, and those kept at hand for the next one. */
  readonly busy: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export interface PostgresStore extends Store {
  poolUse(): PoolUse;
}

/** The store of production: Postgres 14 or newer. */
export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const { url, poolSize = 10, statementTimeoutMs = 10_000, connectTimeoutMs = 5_000, onQuery = ignore, logger } = options;
  const pool = createPool({
    ...{ url, poolSize, statementTimeoutMs, connectTimeoutMs },
    onIdleError: (error) => logger?.warn({ err: error }, 'an idle connection to Postgres broke'),
  });
  const database = new Database({ pool, onQuery });
  const calm = new Calm(pool, onQuery);
  const clock = new ServerClock(database);
  const now = (): number => clock.now();
  let closing: Promise<void> | undefined;
  return {
    start: async () => {
      const onApplied = (migration: string): void => logger?.info({ migration }, 'migration applied');
      await migrate({ url, connectTimeoutMs, onApplied });
      await clock.start();
      await recountAllSlots(database);
    },
    close: () => {
      clock.stop();
      database.close();
      return (closing ??= calm.close().then(() => pool.end()));
    },
    ping: async (signal) => {
      await raceAbort(() => database.query(ping), signal);
    },
    poolUse: () => {
      const { totalCount, idleCount, waitingCount } = pool;
      return { limit: poolSize, idle: idleCount, busy: totalCount - idleCount, waiting: waitingCount };
    },
    now,
    ...runMethods(database, (run, error) => logger?.warn({ run, err: error }, 'Postgres refused the data of a change')),
    ...sweepMethods(database, now),
    ...retentionMethods(database),
    ...clusterMethods(database),
    ...pipelineMethods(calm, database),
    ...readMethods(calm, database),
    ...errorMethods(database),
    ...auditMethods(database),
    ...keyMethods(calm, database),
  };
}

function ignore(): void {
  // Nobody asked to be told.
}
