import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const SECRET = Buffer.alloc(32, 7);

/** Signing keys as transports of the test and of the process know them. */
export const keys = [{ id: 'test', secret: SECRET }];

export interface SpawnedWorker {
  readonly child: ChildProcess;
  /** Exit code and signal, when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What it wrote to both outputs so far. */
  output(): string;
}

export interface SpawnOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the worker program as a process of its own. A pipe whose end it watches is its descriptor 3. */
export function spawnWorker({ redisUrl, prefix, env = {} }: SpawnOptions): SpawnedWorker {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      REDIS_URL: redisUrl,
      MAINSTAY_REDIS_PREFIX: prefix,
      MAINSTAY_SIGNING_KEYS: `test:${SECRET.toString('base64')}`,
      MAINSTAY_PARENT_FD: '3',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => ({
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
  }));
  return { child, ended, output: () => output };
}
