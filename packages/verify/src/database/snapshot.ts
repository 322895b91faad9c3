import { DependencyError, InternalError, MainstayError } from '@mainstay/types';
import pg from 'pg';

export interface SnapshotOptions {
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_MS = 10_000;
/** No single statement here takes so long, but the search for orphans in a very large database. */
const STATEMENT_MS = 3_600_000;

/**
 * Runs the work in one read-only transaction that sees the database as it was at one moment, whatever others write meanwhile.
 * When the signal aborts, the statement under way is cancelled at the server.
 */
export async function withSnapshot<T>({ url, signal }: SnapshotOptions, work: (client: pg.Client) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const client = newClient(url);
  let cancel = (): void => undefined;
  try {
    await client.connect();
    await client.query(`begin isolation level repeatable read, read only; set local statement_timeout = ${String(STATEMENT_MS)}`);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid;
    cancel = () => void cancelBackend(url, pid);
    signal?.addEventListener('abort', cancel, { once: true });
    return await work(client);
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    await client.end().catch(() => undefined);
  }
}

function newClient(connectionString: string): pg.Client {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'mainstay-verify',
  });
  client.on('error', () => undefined);
  return client;
}

async function cancelBackend(url: string, pid: number | undefined): Promise<void> {
  const client = newClient(url);
  try {
    await client.connect();
    await client.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // the statement ends by itself
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explain(error: unknown): MainstayError {
  if (error instanceof MainstayError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const isBug = error instanceof Error && ['TypeError', 'ReferenceError', 'RangeError'].includes(error.name);
  if (isBug) return new InternalError(`The check failed: ${message}`, { cause: error });
  return new DependencyError('POSTGRES_UNAVAILABLE', `Postgres cannot be used for the check: ${message || 'no connection'}`, {
    cause: error,
  });
}
