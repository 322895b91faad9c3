import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { createDatabase } from './databases.ts';
import { errorCode } from './error-code.ts';
import { logTail } from './log-file.ts';
import { freePort } from './ports.ts';
import { ensureCluster, SUPERUSER } from './postgres-cluster.ts';
import { postgresDataFolder, postgresPrograms } from './postgres-files.ts';
import { postgresUser } from './postgres-user.ts';
import { type ServerHandle, serverHandle } from './server-handle.ts';
import { serverEnvironment, spawnServer, type ServerProcess } from './server-process.ts';
import { serviceError } from './service-error.ts';
import { waitUntil } from './wait-until.ts';

/** The database that `url` names. */
export const DATABASE = 'mainstay';
const READY_TIMEOUT_MS = 60_000;

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** The server's own folder; its data is in `data` beneath, its log in `postgres.log`. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Must be that of the first start where `dir` has data already. Default: a random one. */
  readonly password?: string | undefined;
  /** Further settings, such as `{ shared_buffers: '32MB' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Told the pid as soon as a process exists, before it serves. */
  readonly onSpawn?: ((pid: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a real Postgres of one's own on the loopback interface. The caller ends it; if the calling process exits, it is killed.
 * `stop` is a fast shutdown, `kill` ends it with SIGKILL, `restart` starts it again on the same port with the same data.
 */
export async function startPostgres(options: PostgresOptions): Promise<ServerHandle> {
  const dir = resolve(options.dir);
  const onProgress = options.onProgress ?? ((): void => undefined);
  const password = options.password ?? randomBytes(24).toString('base64url');
  const port = options.port ?? (await freePort());
  const user = postgresUser();
  await mkdir(dir, { recursive: true });
  const programs = await postgresPrograms(user);
  const dataFolder = await postgresDataFolder(join(dir, 'cluster'), user, onProgress);
  onProgress('starting Postgres');
  await ensureCluster({ programs, dataFolder, password, user });
  const logFile = join(dir, 'postgres.log');
  const settings = { ...BASE_SETTINGS, ...options.settings, port: String(port) };
  const args = ['-D', dataFolder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = (database: string): string => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${String(port)}/${database}`;

  const spawnReady = async (): Promise<ServerProcess> => {
    const server = await spawnServer({
      file: programs.postgres,
      args,
      env: serverEnvironment(process.env, { LC_ALL: 'C' }),
      logFile,
      user: user && { uid: user.uid, gid: user.gid },
    });
    options.onSpawn?.(server.pid);
    try {
      await waitReady(server, url('postgres'), logFile, options.signal);
      await createDatabase(url('postgres'), DATABASE);
      return server;
    } catch (error) {
      await server.end('SIGQUIT', 5_000);
      throw error;
    }
  };
  return serverHandle({ url: url(DATABASE), port, password, spawn: spawnReady, stopSignal: 'SIGINT' });
}

const BASE_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'on',
  synchronous_commit: 'on',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

async function waitReady(server: ServerProcess, url: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
  let last = 'no answer';
  const ready = await waitUntil(
    async () => {
      if (server.hasEnded())
        throw serviceError(`Postgres ended at its start. Its log (${logFile}) ends with:\n${logTail(logFile)}`, { logFile });
      const problem = await probe(url);
      last = problem ?? last;
      return problem === undefined ? true : undefined;
    },
    { timeoutMs: READY_TIMEOUT_MS, signal },
  );
  if (!ready)
    throw serviceError(`Postgres did not get ready within ${String(READY_TIMEOUT_MS)} ms: ${last}. Its log is ${logFile}.`, { logFile });
}

/** What is wrong, or `undefined` when a query was answered. A wrong password is final: it cannot mend itself. */
async function probe(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    if (errorCode(error) === '28P01')
      throw serviceError(
        'Postgres refuses the remembered password: the data folder was mixed with another one. Remove it, or set DATABASE_URL.',
        {},
        error,
      );
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
