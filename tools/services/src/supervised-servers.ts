import { endLeftovers } from './end-leftovers.ts';
import type { Layout } from './layout.ts';
import { type ManagedServer, managedServer } from './managed-server.ts';
import { freePort } from './ports.ts';
import { processRef } from './process-ref.ts';
import { findRedis, type RedisProgram } from './redis-program.ts';
import type { Hello, Ready } from './protocol.ts';
import type { ServerHandle } from './server-handle.ts';
import { type Endpoint, newPassword, readState, type ServiceName, writeState } from './service-state.ts';
import { startPostgres } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';

/** Both servers of one data folder. */
export interface SupervisedServers {
  /** Starts what is wanted and says where it is. */
  provide(wanted: Hello): Promise<Ready>;
  stop(): Promise<void>;
}

/** What happens meanwhile. */
export interface ServerEvents {
  readonly progress: (line: string) => void;
  readonly log: (line: string) => void;
  readonly giveUp: (name: string) => void;
}

/** Takes over a data folder: ends what an earlier supervisor left. Call only while holding the lock. */
export async function supervisedServers(layout: Layout, events: ServerEvents): Promise<SupervisedServers> {
  await endLeftovers(layout.state, events.log);
  let toolsDir = layout.dir;
  let redisProgram: RedisProgram | undefined;

  const onSpawn =
    (name: ServiceName) =>
    (pid: number): void => {
      const state = readState(layout.state);
      writeState(layout.state, { ...state, processes: { ...state.processes, [name]: processRef(pid) } });
    };

  const postgres = managedServer('Postgres', startPostgresHere, events.log, events.giveUp);
  const redis = managedServer('Redis', startRedisHere, events.log, events.giveUp);

  async function startPostgresHere(signal: AbortSignal): Promise<ServerHandle> {
    const endpoint = await endpointOf(layout.state, 'postgres');
    return startPostgres({ dir: layout.postgres, ...endpoint, signal, onProgress: events.progress, onSpawn: onSpawn('postgres') });
  }

  async function startRedisHere(signal: AbortSignal): Promise<ServerHandle> {
    redisProgram = await findRedis({ toolsDir, onProgress: events.progress, signal });
    const endpoint = await endpointOf(layout.state, 'redis');
    return startRedis({
      dir: layout.redis,
      ...endpoint,
      program: redisProgram,
      signal,
      onProgress: events.progress,
      onSpawn: onSpawn('redis'),
    });
  }

  return {
    async provide(wanted) {
      toolsDir = wanted.toolsDir;
      const [database, cache] = await both(wanted, postgres, redis);
      return {
        type: 'ready',
        ...(database ? { databaseUrl: database.url } : {}),
        ...(cache ? { redisUrl: cache.url, redisOrigin: redisProgram?.origin } : {}),
      };
    },
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()]);
      writeState(layout.state, { ...readState(layout.state), processes: {} });
    },
  };
}

async function both(
  wanted: Hello,
  postgres: ManagedServer<ServerHandle>,
  redis: ManagedServer<ServerHandle>,
): Promise<readonly [ServerHandle | undefined, ServerHandle | undefined]> {
  const [database, cache] = await Promise.allSettled([
    wanted.postgres ? postgres.ensure() : undefined,
    wanted.redis ? redis.ensure() : undefined,
  ]);
  if (database.status === 'rejected') throw database.reason;
  if (cache.status === 'rejected') throw cache.reason;
  return [database.value, cache.value];
}

/** The remembered password and port; another port if somebody else has taken it meanwhile. */
async function endpointOf(stateFile: string, name: ServiceName): Promise<Endpoint> {
  const known = readState(stateFile)[name];
  const endpoint = { password: known?.password ?? newPassword(), port: await freePort(known?.port) };
  writeState(stateFile, { ...readState(stateFile), [name]: endpoint });
  return endpoint;
}
