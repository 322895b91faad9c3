import { backoffDelayMs, systemClock } from '@mainstay/utils';
import pg from 'pg';
import { isCollision, toStoreError } from './errors.ts';
import { HotLinks } from './hot-links.ts';
import type { TextRow } from './hot-query.ts';
import type { Cell, Statement } from './sql/statement.ts';

export type Parameter = Cell | readonly Cell[] | Buffer;

/** What runs statements: the pool, or one connection within a transaction. */
export interface Runner {
  /** Rows of a statement. JSON comes as text. Errors are the server's own. */
  query<R extends object>(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly R[]>;
}

export interface DatabaseOptions {
  readonly pool: pg.Pool;
  /** Told of every statement that was answered. */
  readonly onQuery: (name: string, durationMs: number) => void;
  readonly random?: () => number;
}

/** Statements on a pool, each retried when it collides with another; errors are the platform's. */
export class Database {
  readonly pool: pg.Pool;
  readonly #onQuery: DatabaseOptions['onQuery'];
  readonly #random: () => number;
  readonly #hot: HotLinks;

  constructor({ pool, onQuery, random = Math.random }: DatabaseOptions) {
    this.pool = pool;
    this.#onQuery = onQuery;
    this.#random = random;
    this.#hot = new HotLinks(pool);
  }

  /** One statement, one round trip. */
  async query<R extends object>(statement: Statement, parameters: readonly Parameter[] = []): Promise<readonly R[]> {
    return await this.guard(statement.name, () => this.raw.query<R>(statement, parameters));
  }

  /** Gives back the connections that are kept at hand; the pool may be ended then. */
  close(): void {
    this.#hot.close();
  }

  /** Like {@link query}, but rows come as text, without the names of their columns: for what is asked all the time. */
  async hotQuery(statement: Statement, parameters: readonly Parameter[]): Promise<readonly TextRow[]> {
    return await this.guard(statement.name, () => this.#runHot(statement, parameters));
  }

  /** Like {@link hotQuery}, collisions are tried again, but other errors are the server's own. */
  async hotQueryRaw(statement: Statement, parameters: readonly Parameter[]): Promise<readonly TextRow[]> {
    return await this.#retried(() => this.#runHot(statement, parameters));
  }

  /** Like {@link query}, but errors are the server's own, and nothing is tried again. */
  readonly raw: Runner = { query: (statement, parameters) => this.#run(this.pool, statement, parameters) };

  /** A transaction; it is begun anew when it collides with another. */
  async transaction<T>(name: string, work: (runner: Runner) => Promise<T>): Promise<T> {
    return await this.guard(name, () => this.rawTransaction(work));
  }

  async rawTransaction<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      return await this.#inTransaction(client, work);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async #inTransaction<T>(client: pg.PoolClient, work: (runner: Runner) => Promise<T>): Promise<T> {
    await client.query('begin');
    try {
      const result = await work({ query: (statement, parameters) => this.#run(client, statement, parameters) });
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** Retries collisions with growing, jittered waits and turns errors into the platform's. */
  async guard<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#retried(work);
    } catch (error) {
      throw toStoreError(error, name);
    }
  }

  async #retried<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isCollision(error) || attempt >= MAX_ATTEMPTS) throw error;
        await systemClock.sleep(backoffDelayMs(COLLISION_BACKOFF, attempt, this.#random));
      }
    }
  }

  async #runHot(statement: Statement, parameters: readonly Parameter[]): Promise<readonly TextRow[]> {
    const startedAt = performance.now();
    const rows = await this.#hot.query(statement, parameters);
    this.#onQuery(statement.name, performance.now() - startedAt);
    return rows;
  }

  async #run<R extends object>(
    on: pg.Pool | pg.PoolClient,
    statement: Statement,
    parameters: readonly Parameter[] = [],
  ): Promise<readonly R[]> {
    const startedAt = performance.now();
    const { name, text, answerWithinMs } = statement;
    // The client knows this option of a query, though its types do not.
    const limit = answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs };
    const { rows } = await on.query<R>({ name, text, values: [...parameters], types: TYPES, ...limit });
    this.#onQuery(statement.name, performance.now() - startedAt);
    return rows;
  }
}

const MAX_ATTEMPTS = 6;
const COLLISION_BACKOFF = { backoff: 'exponential', baseMs: 10, maxMs: 500, jitter: 'full' } as const;

const { builtins, getTypeParser } = pg.types;

/** JSON stays text: the caller decodes it, and knows null from JSON's null. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === builtins.JSONB ? (text: string) => text : (getTypeParser(oid, format) as (text: string) => unknown),
};
