import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { MainstayError } from '@mainstay/types';
import { tryExclusiveLock, type ExclusiveLock } from './exclusive-lock.ts';
import { layoutOf, type Layout } from './layout.ts';
import { helloSchema, lineReader, type Reply } from './protocol.ts';
import { supervisedServers } from './supervised-servers.ts';

/** With no client for this long, the servers are stopped. */
const LINGER_MS = 1_000;
/** The first client must come within this time. */
const FIRST_CLIENT_MS = 10_000;

const log = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
};

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('usage: supervisor.ts <data folder>');
process.umask(0o077);
for (const signal of ['SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    log(`${signal} ignored: clients decide`);
  });

const layout = layoutOf(dataDir);
const lock = await waitForLock(layout);
if (lock) await supervise(layout, lock);

/** The lock, or `undefined` when another supervisor serves already. One that is just stopping is waited for. */
async function waitForLock({ lock: file, socket }: Layout): Promise<ExclusiveLock | undefined> {
  for (;;) {
    const held = tryExclusiveLock(file);
    if (held) return held;
    if (await answers(socket)) return undefined;
    await delay(50);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function supervise(place: Layout, held: ExclusiveLock): Promise<void> {
  const clients = new Set<Socket>();
  const send = (socket: Socket, reply: Reply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
  };
  const servers = await supervisedServers(place, {
    log,
    progress(line) {
      log(line);
      for (const socket of clients) send(socket, { type: 'progress', line });
    },
    giveUp(name) {
      log(`${name} died too often; giving up`);
      void shutDown(1);
    },
  });
  let idle = setTimeout(() => void shutDown(0), FIRST_CLIENT_MS);
  let ending = false;

  const server = createServer((socket) => {
    clearTimeout(idle);
    clients.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clients.delete(socket);
      clearTimeout(idle);
      if (clients.size === 0) idle = setTimeout(() => void shutDown(0), LINGER_MS);
    });
    socket.on(
      'data',
      lineReader((line) => void answer(socket, line)),
    );
  });

  async function answer(socket: Socket, line: string): Promise<void> {
    try {
      send(socket, await servers.provide(helloSchema.parse(JSON.parse(line))));
    } catch (error) {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const details = error instanceof MainstayError ? error.details : {};
      send(socket, { type: 'error', message: error instanceof Error ? error.message : String(error), details });
    }
  }

  async function shutDown(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    server.close();
    for (const socket of clients) socket.destroy();
    log('stopping the servers');
    await servers.stop().catch((error: unknown) => {
      log(String(error));
    });
    held.release();
    log('stopped');
    process.exit(code);
  }

  process.on('SIGTERM', () => void shutDown(0));
  rmSync(place.socket, { force: true });
  server.listen(place.socket, () => {
    log(`serving, pid ${String(process.pid)}`);
  });
}
