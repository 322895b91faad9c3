import type { Pool, PoolClient } from 'pg';
import type { Parameter } from './database.ts';
import { HotQuery, type TextRow } from './hot-query.ts';
import type { Statement } from './sql/statement.ts';

interface Link {
  readonly client: PoolClient;
  readonly onError: () => void;
}

/** Connections kept at hand: batches under way at once seldom need more. */
const MAX_KEPT = 2;

/**
 * Connections of a pool for statements that are run all the time. After a statement its connection stays at hand for the next one, which is
 * then sent in the same turn; unless others wait for a connection.
 */
export class HotLinks {
  readonly #pool: Pool;
  readonly #kept: Link[] = [];
  #closed = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Errors are the server's own, or those of the connection; the connection is closed then. */
  async query(statement: Statement, parameters: readonly Parameter[]): Promise<readonly TextRow[]> {
    const link = this.#kept.pop() ?? (await this.#connect());
    try {
      const rows = await run(link.client, statement, parameters);
      this.#keep(link);
      return rows;
    } catch (error) {
      release(link, true);
      throw error;
    }
  }

  /** Gives back what is at hand, and keeps nothing from now on. */
  close(): void {
    this.#closed = true;
    for (const link of this.#kept.splice(0)) release(link, false);
  }

  async #connect(): Promise<Link> {
    const client = await this.#pool.connect();
    const link: Link = {
      client,
      onError: () => {
        this.#broke(link);
      },
    };
    client.on('error', link.onError);
    return link;
  }

  #keep(link: Link): void {
    const { waitingCount, options } = this.#pool;
    if (this.#closed || waitingCount > 0 || this.#kept.length >= Math.min(MAX_KEPT, options.max - 1)) release(link, false);
    else this.#kept.push(link);
  }

  /** While a statement runs, its own error tells. */
  #broke(link: Link): void {
    const at = this.#kept.indexOf(link);
    if (at < 0) return;
    this.#kept.splice(at, 1);
    release(link, true);
  }
}

function release({ client, onError }: Link, broken: boolean): void {
  client.release(broken);
  client.off('error', onError);
}

function run(client: PoolClient, statement: Statement, parameters: readonly Parameter[]): Promise<readonly TextRow[]> {
  return new Promise((resolve, reject) => {
    client.query(
      new HotQuery(statement, parameters, (error, rows) => {
        if (rows === undefined) reject(error ?? new Error(`${statement.name} ended without an answer`));
        else resolve(rows);
      }),
    );
  });
}
