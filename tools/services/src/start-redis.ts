import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { logTail } from './log-file.ts';
import { freePort } from './ports.ts';
import { findRedis, type RedisProgram } from './redis-program.ts';
import { probeRedis } from './redis-probe.ts';
import { type ServerHandle, serverHandle } from './server-handle.ts';
import { serverEnvironment, spawnServer, type ServerProcess } from './server-process.ts';
import { serviceError } from './service-error.ts';
import { waitUntil } from './wait-until.ts';

const READY_TIMEOUT_MS = 60_000;

/** Options of {@link startRedis}. */
export interface RedisOptions {
  /** The server's own folder; its data is in `data` beneath, its log in `redis.log`. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Default: a random one. */
  readonly password?: string | undefined;
  /** Default: found on this machine, or fetched. */
  readonly program?: RedisProgram | undefined;
  /** Further settings, such as `{ maxmemory: '16mb' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Told the pid as soon as a process exists, before it serves. */
  readonly onSpawn?: ((pid: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A Redis that the caller owns. */
export interface RedisHandle extends ServerHandle {
  /** Kills it, wipes its data and starts it on the same port: what a lost cache server looks like to its clients. */
  restartEmpty(): Promise<void>;
}

/** Starts a real Redis of one's own on the loopback interface. The caller ends it; if the calling process exits, it is killed. */
export async function startRedis(options: RedisOptions): Promise<RedisHandle> {
  const dir = resolve(options.dir);
  const onProgress = options.onProgress ?? ((): void => undefined);
  const password = options.password ?? randomBytes(24).toString('base64url');
  const port = options.port ?? (await freePort());
  const dataFolder = join(dir, 'data');
  await mkdir(dataFolder, { recursive: true });
  const program = options.program ?? (await findRedis({ toolsDir: join(dir, 'tools'), onProgress, signal: options.signal }));
  const settings = { ...BASE_SETTINGS, ...options.settings, port: String(port), dir: dataFolder, requirepass: password };
  const config = join(dir, 'redis.conf');
  await rm(config, { force: true });
  await writeFile(config, Object.entries(settings).map(settingLine).join(''), { mode: 0o600 });
  onProgress('starting Redis');
  const logFile = join(dir, 'redis.log');

  const spawnReady = async (): Promise<ServerProcess> => {
    await mkdir(dataFolder, { recursive: true });
    const server = await spawnServer({ file: program.file, args: [config], env: serverEnvironment(process.env, program.env), logFile });
    options.onSpawn?.(server.pid);
    try {
      await waitReady(server, { port, password, logFile, signal: options.signal });
      return server;
    } catch (error) {
      await server.end('SIGKILL', 5_000);
      throw error;
    }
  };
  const handle = await serverHandle({
    url: `redis://:${password}@127.0.0.1:${String(port)}`,
    port,
    password,
    spawn: spawnReady,
    stopSignal: 'SIGTERM',
  });
  const restartEmpty = async (): Promise<void> => {
    await handle.kill();
    await rm(dataFolder, { recursive: true, force: true });
    await handle.restart();
  };
  return Object.defineProperties({ restartEmpty }, Object.getOwnPropertyDescriptors(handle)) as RedisHandle;
}

const BASE_SETTINGS: Readonly<Record<string, string>> = {
  bind: '127.0.0.1',
  'protected-mode': 'yes',
  daemonize: 'no',
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '""',
  'maxmemory-policy': 'noeviction',
};

function settingLine([name, value]: readonly [string, string]): string {
  return name === 'dir' ? `dir ${JSON.stringify(value)}\n` : `${name} ${value}\n`;
}

interface Readiness {
  readonly port: number;
  readonly password: string;
  readonly logFile: string;
  readonly signal: AbortSignal | undefined;
}

async function waitReady(server: ServerProcess, { port, password, logFile, signal }: Readiness): Promise<void> {
  const ready = await waitUntil(
    async () => {
      if (server.hasEnded())
        throw serviceError(`Redis ended at its start. Its log (${logFile}) ends with:\n${logTail(logFile)}`, { logFile });
      return (await probeRedis(port, password)) ? true : undefined;
    },
    { timeoutMs: READY_TIMEOUT_MS, signal },
  );
  if (!ready) throw serviceError(`Redis did not get ready within ${String(READY_TIMEOUT_MS)} ms. Its log is ${logFile}.`, { logFile });
}
