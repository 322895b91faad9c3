import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installRedis } from './redis-install.ts';
import { unpackedRedis, unpackRedis } from './redis-unpack.ts';
import { serviceError } from './service-error.ts';

const run = promisify(execFile);

/** A Redis server program that runs on this machine. */
export interface RedisProgram {
  readonly file: string;
  /** Variables that it needs, such as LD_LIBRARY_PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it came from, for people. */
  readonly origin: string;
}

/** Where to look and where to put it. */
export interface FindOptions {
  /** A fetched Redis is kept here. */
  readonly toolsDir: string;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const NAMES = ['redis-server', 'valkey-server'];
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];

/** A Redis (or Valkey) of at least 6.2: on the PATH, fetched earlier, from the package manager, or unpacked from its package. */
export async function findRedis(options: FindOptions): Promise<RedisProgram> {
  const attempts: readonly (() => Promise<RedisProgram | undefined>)[] = [
    () => onFolders((process.env['PATH'] ?? '').split(delimiter)),
    () => checked(unpackedRedis(options.toolsDir)),
    async () =>
      (await installRedis(options)) ? onFolders([...(process.env['PATH'] ?? '').split(delimiter), ...USUAL_FOLDERS]) : undefined,
    async () => checked(await unpackRedis(options)),
  ];
  for (const attempt of attempts) {
    options.signal?.throwIfAborted();
    const found = await attempt();
    if (found) return found;
  }
  throw serviceError(
    'There is no Redis on this machine and none could be fetched. Install redis-server or valkey-server 6.2 or newer (Debian: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL.',
    { variable: 'REDIS_URL', install: 'redis-server' },
  );
}

async function onFolders(folders: readonly string[]): Promise<RedisProgram | undefined> {
  for (const name of NAMES) {
    for (const folder of folders.filter((entry) => entry.startsWith('/'))) {
      const program = await checked({ file: join(folder, name), env: {}, origin: join(folder, name) });
      if (program) return program;
    }
  }
  return undefined;
}

/** The program if it runs here and is new enough. */
async function checked(program: RedisProgram | undefined): Promise<RedisProgram | undefined> {
  if (program === undefined) return undefined;
  try {
    await access(program.file, constants.X_OK);
    const { stdout } = await run(program.file, ['--version'], { env: { ...program.env }, timeout: 10_000 });
    return isNewEnough(stdout) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `… v=7.0.15 …`. */
export function isNewEnough(version: string): boolean {
  const found = /\bv=(\d+)\.(\d+)/.exec(version);
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  return major > 6 || (major === 6 && minor >= 2);
}
