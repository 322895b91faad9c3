import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, dropDatabase, makeTestFolder, type ServerHandle, startPostgres, startRedis } from '@mainstay/services';
import { postgresProblems, redisProblems, type Setting } from './settings.ts';
import { withPostgres } from './with-postgres.ts';
import { withRedis } from './with-redis.ts';

export type Appendfsync = 'everysec' | 'always';

/** The servers that all engines are measured on. */
export interface BenchServers {
  readonly folder: string;
  readonly postgres: ServerHandle;
  readonly redis: Readonly<Record<Appendfsync, ServerHandle>>;
  /** Versions, as the servers tell them. */
  readonly versions: { readonly postgres: string; readonly redis: string };
  /** An empty database, with everything written before on disk; gives its address. */
  freshDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  emptyRedis(kind: Appendfsync): Promise<void>;
  close(): Promise<void>;
}

/** Starts Postgres and two Redis servers of one's own, and refuses to go on when one is not set as it must be. */
export async function startBenchServers(onProgress: (line: string) => void): Promise<BenchServers> {
  const folder = await makeTestFolder('mainstay-bench-');
  const removeFolder = (): void => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', removeFolder);
  const redisOf = (appendfsync: Appendfsync): Promise<ServerHandle> =>
    startRedis({ dir: join(folder, `redis-${appendfsync}`), settings: { appendfsync }, onProgress });
  const postgres = await startPostgres({ dir: join(folder, 'postgres'), onProgress });
  const redis = { everysec: await redisOf('everysec'), always: await redisOf('always') };
  const versions = { postgres: await checkPostgres(postgres.url), redis: await checkRedis(redis.everysec.url, 'everysec') };
  await checkRedis(redis.always.url, 'always');
  return {
    folder,
    postgres,
    redis,
    versions,
    async freshDatabase(name) {
      await dropDatabase(postgres.url, name);
      const url = await createDatabase(postgres.url, name);
      await withPostgres(url, (client) => client.query('checkpoint'));
      return url;
    },
    dropDatabase: (name) => dropDatabase(postgres.url, name),
    emptyRedis: (kind) => withRedis(redis[kind].url, (client) => client.flushall()).then(() => undefined),
    async close() {
      await Promise.all([postgres.stop(), redis.everysec.stop(), redis.always.stop()]);
      removeFolder();
      process.off('exit', removeFolder);
    },
  };
}

/** The version of a server that is set as it must be; rejects with what is wrong otherwise. */
export async function checkPostgres(url: string): Promise<string> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<Setting>(
      `select name, setting as value, setting is distinct from boot_val and source not in ('default', 'override', 'client', 'session') as chosen
         from pg_settings where source <> 'override' or name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
    );
    insist(postgresProblems(rows));
    return (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? 'unknown';
  });
}

/** The version of a server that is set as it must be; rejects with what is wrong otherwise. */
export async function checkRedis(url: string, appendfsync: Appendfsync): Promise<string> {
  return withRedis(url, async (client) => {
    const answer = await client.config('GET', 'append*', 'save', 'maxmemory-policy');
    insist(redisProblems(pairs(answer), appendfsync));
    return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
  });
}

/** Names and values in turn, or an object of them. */
function pairs(answer: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(answer)) return new Map(Object.entries(answer as Record<string, string>));
  const texts = answer.map(String);
  return new Map(texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1] ?? ''] as const] : [])));
}

function insist(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`The servers are not set as they must be for a fair comparison. ${problems.join('. ')}.`);
}
