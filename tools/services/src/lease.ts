import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { Layout } from './layout.ts';
import { logTail, openLog } from './log-file.ts';
import { type Hello, lineReader, type Ready, replySchema } from './protocol.ts';
import { serverEnvironment } from './server-process.ts';
import { serviceError } from './service-error.ts';

/** The servers stay up while this is open; the system closes it when the process dies. */
export interface Lease {
  readonly ready: Ready;
  /** Fulfilled when the connection has gone, by us or by them. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** How to get a lease. */
export interface LeaseOptions {
  readonly dataDir: string;
  readonly layout: Layout;
  readonly hello: Hello;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

const MAX_ATTEMPTS = 600;

/** Connects to the supervisor, starting one if there is none, and waits until the servers are ready. */
export async function openLease(options: LeaseOptions): Promise<Lease> {
  let supervisor: ChildProcess | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    options.signal?.throwIfAborted();
    const lease = await tryLease(options);
    if (lease) return lease;
    if (supervisor && hasFailed(supervisor)) throw broken(options.layout);
    if (supervisor === undefined || hasEnded(supervisor)) supervisor = startSupervisor(options);
    await delay(50, undefined, options.signal ? { signal: options.signal } : {});
  }
  throw broken(options.layout);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function hasFailed({ exitCode }: ChildProcess): boolean {
  return exitCode !== null && exitCode !== 0;
}

function broken(layout: Layout): Error {
  return serviceError(
    `The supervisor of the local services does not come up. Its log (${layout.log}) ends with:\n${logTail(layout.log)}\nMend that, or set DATABASE_URL and REDIS_URL.`,
    { logFile: layout.log },
  );
}

/** Detached, in a process group of its own: a Ctrl-C in our terminal does not reach it. */
function startSupervisor({ dataDir, layout }: LeaseOptions): ChildProcess {
  const log = openLog(layout.log);
  const program = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, dataDir], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: serverEnvironment(),
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  return child;
}

/** One attempt; `undefined` if nobody answers or the supervisor goes away before the servers are ready. */
function tryLease({ layout, hello, onProgress, signal }: LeaseOptions): Promise<Lease | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(layout.socket);
    const closed = new Promise<void>((done) => {
      socket.once('close', () => {
        done();
      });
    });
    const onAbort = (): void => void socket.destroy();
    signal?.addEventListener('abort', onAbort, { once: true });
    void closed.then(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(undefined);
    });
    socket.on('error', () => socket.destroy());
    socket.on('connect', () => socket.write(`${JSON.stringify(hello)}\n`));
    socket.on(
      'data',
      lineReader((line) => {
        const reply = replySchema.parse(JSON.parse(line));
        if (reply.type === 'progress') {
          onProgress(reply.line);
          return;
        }
        signal?.removeEventListener('abort', onAbort);
        if (reply.type === 'ready') {
          resolve(leaseOf(socket, closed, reply));
          return;
        }
        socket.destroy();
        reject(serviceError(reply.message, reply.details));
      }),
    );
  });
}

function leaseOf(socket: Socket, closed: Promise<void>, ready: Ready): Lease {
  socket.unref();
  return {
    ready,
    closed,
    close() {
      socket.ref();
      socket.destroy();
      return closed;
    },
  };
}
