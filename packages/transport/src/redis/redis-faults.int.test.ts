import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTestFolder, type RedisHandle, startRedis } from '@mainstay/services';
import { Redis } from 'ioredis';
import { eventually, resultMessage, taskMessage, testKeys } from '../testing/index.ts';
import { PARTITIONS, type Transport, type TransportEvents } from '../transport.ts';
import { assertNoEviction } from './eviction.ts';
import { createRedisTransport } from './redis-transport.ts';

const never = new AbortController().signal;
const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);

let dir: string;
let server: RedisHandle;
let transports: Transport[] = [];
let children: ChildProcess[] = [];

beforeAll(async () => {
  dir = await makeTestFolder();
  server = await startRedis({ dir: join(dir, 'redis') });
}, 60_000);
afterAll(async () => {
  await server.kill();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  transports = [];
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const transport of transports) await transport.close();
  await admin((redis) => redis.flushall());
});

function connect(name: string, side: 'worker' | 'orchestrator', events: TransportEvents = {}): Transport {
  const transport = createRedisTransport({ url: server.url, name, side, keys: testKeys, commandTimeoutMs: 500, watchMs: 200, ...events });
  transports.push(transport);
  return transport;
}

async function started(name: string, side: 'worker' | 'orchestrator', events: TransportEvents = {}): Promise<Transport> {
  const transport = connect(name, side, events);
  await transport.start();
  return transport;
}

async function admin<T>(act: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url);
  try {
    return await act(redis);
  } finally {
    redis.disconnect();
  }
}

/** Receives as a worker's loop does: goes on after every rejection, until there is something. */
async function receiveAtLast<T>(receive: () => Promise<readonly T[]>): Promise<readonly T[]> {
  let found: readonly T[] = [];
  await eventually('something is received', async () => {
    found = await receive().catch(() => []);
    return found.length > 0;
  });
  return found;
}

/** False while calls reject, as they may when a connection was just cut. */
async function bothPresent(orchestrator: Transport, worker: Transport): Promise<boolean> {
  const present = await orchestrator.present(['worker-1', 'orchestrator-1']).catch(() => new Set());
  return present.size === 2 && worker.up;
}

const readTasks = (transport: Transport, blockMs = 1_000) => transport.receiveTasks({ kinds: ['writer'], max: 5, blockMs, signal: never });
const readResults = (transport: Transport, blockMs = 1_000) => transport.receiveResults({ partitions, max: 5, blockMs, signal: never });

describe('a server that is killed and comes back empty', () => {
  test('is noticed by those that block on it, told once, and read again', async () => {
    const seen: string[] = [];
    const worker = await started('worker-1', 'worker', { onUp: () => seen.push('up'), onDown: () => seen.push('down') });
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    await orchestrator.beginEpoch('e1');
    const reading = expect(readTasks(worker, 60_000)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    const results = expect(readResults(orchestrator, 60_000)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await eventually('both wait', () => admin(async (redis) => (await redis.info('clients')).includes('blocked_clients:2')));
    await server.restartEmpty();
    await Promise.all([reading, results]);
    await eventually('both are up', () => worker.up && orchestrator.up);
    expect(await orchestrator.epoch()).toBeUndefined();
    await eventually('the presence is back', () => bothPresent(orchestrator, worker));
    await orchestrator.sendTasks([taskMessage()]);
    const [task] = await receiveAtLast(() => readTasks(worker));
    await worker.sendResults([resultMessage()], task === undefined ? [] : [task.receipt]);
    expect(await receiveAtLast(() => readResults(orchestrator))).toHaveLength(1);
    expect(seen).toEqual(['up', 'down', 'up']);
  }, 60_000);
});

describe('a server that no longer answers', () => {
  test('makes calls reject within the command timeout, and is used again when it answers', async () => {
    const seen: string[] = [];
    const worker = await started('worker-1', 'worker', { onUp: () => seen.push('up'), onDown: () => seen.push('down') });
    await worker.sendTasks([taskMessage()]);
    expect(await readTasks(worker)).toHaveLength(1);
    const reading = expect(readTasks(worker, 300)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.pause();
    try {
      const begun = performance.now();
      await expect(worker.epoch()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      expect(worker.up).toBe(false);
      await expect(worker.sendTasks([taskMessage()])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      await reading;
      expect(performance.now() - begun).toBeLessThan(5_000);
    } finally {
      server.resume();
    }
    await eventually('it is up', () => worker.up);
    const task = taskMessage();
    await worker.sendTasks([task]);
    expect((await receiveAtLast(() => readTasks(worker))).map(({ message }) => message.id)).toContain(task.id);
    expect(seen).toEqual(['up', 'down', 'up']);
  }, 60_000);

  test('is noticed although nobody calls', async () => {
    const worker = await started('worker-1', 'worker');
    server.pause();
    try {
      await eventually('it is down', () => !worker.up);
    } finally {
      server.resume();
    }
    await eventually('it is up', () => worker.up);
  }, 60_000);

  test('makes start reject, and lets it succeed later', async () => {
    const worker = createRedisTransport({
      url: server.url,
      name: 'worker-1',
      side: 'worker',
      keys: testKeys,
      connectTimeoutMs: 300,
      commandTimeoutMs: 200,
    });
    transports.push(worker);
    server.pause();
    try {
      await expect(worker.start()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    } finally {
      server.resume();
    }
    await eventually('it starts', () =>
      worker.start().then(
        () => true,
        () => false,
      ),
    );
    expect(await worker.present(['worker-1'])).toEqual(new Set(['worker-1']));
  }, 60_000);
});

describe('connections that are cut', () => {
  test('are made again, with presence and control messages', async () => {
    const worker = await started('worker-1', 'worker');
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    const heard: string[] = [];
    worker.onControl((message) => heard.push(message.type));
    for (let round = 1; round <= 3; round++) {
      await admin((redis) => redis.call('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', round === 2 ? 'PUBSUB' : 'NORMAL'));
      await eventually('both are up and present', () => bothPresent(orchestrator, worker));
      await orchestrator.publish({ process: 'worker-1' }, { v: 1, type: 'hello', from: 'orchestrator-1' });
      await eventually('the message arrives', () => heard.length === round);
    }
  }, 60_000);

  test('do not lose tasks and results that the server gave out but that never arrived', async () => {
    const worker = await started('worker-1', 'worker');
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    const [held, lost] = [taskMessage(), taskMessage()];
    await orchestrator.sendTasks([held]);
    expect(await readTasks(worker)).toHaveLength(1);
    expect(await readResults(orchestrator, 1)).toEqual([]);
    const reading = expect(readTasks(worker, 60_000)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    const results = expect(readResults(orchestrator, 60_000)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await eventually('both wait', () => admin(async (redis) => (await redis.info('clients')).includes('blocked_clients:2')));
    await admin((redis) => redis.call('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'NORMAL'));
    await Promise.all([reading, results]);
    const lostResult = resultMessage();
    await eventually('sent', () =>
      orchestrator.sendTasks([lost]).then(
        () => true,
        () => false,
      ),
    );
    await eventually('sent', () =>
      worker.sendResults([lostResult], []).then(
        () => true,
        () => false,
      ),
    );
    await admin(async (redis) => {
      await redis.xreadgroup('GROUP', 'workers', 'worker-1', 'STREAMS', 'mainstay:tasks:writer:normal', '>');
      for (const partition of partitions) {
        await redis.xreadgroup('GROUP', 'orchestrators', 'orchestrator-1', 'STREAMS', `mainstay:results:${String(partition)}`, '>');
      }
    });
    expect((await receiveAtLast(() => readTasks(worker))).map(({ message }) => message.id)).toEqual([lost.id]);
    expect((await receiveAtLast(() => readResults(orchestrator))).flatMap(({ messages }) => messages)).toEqual([lostResult]);
  }, 60_000);
});

describe('a process that is killed', () => {
  const script = (name: string): string => `
    const { createRedisTransport } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const transport = createRedisTransport({
      url: process.env.TEST_URL, name: ${JSON.stringify(name)}, side: 'worker', keys: [{ id: 'k1', secret: new Uint8Array(32).fill(1) }],
    });
    await transport.start();
    const reading = transport.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 60000, signal: new AbortController().signal }).catch(() => []);
    process.once('SIGTERM', async () => { await transport.close(); await reading; });
    process.stdout.write('started');
  `;
  const spawnChild = (name: string): ChildProcess => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(name)], {
      env: { ...process.env, NODE_OPTIONS: '', TEST_URL: server.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const exitOf = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

  test('is absent at once', async () => {
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    const child = spawnChild('child');
    await eventually('the child is present', async () => (await orchestrator.present(['child'])).has('child'));
    const exited = exitOf(child);
    child.kill('SIGKILL');
    await exited;
    await eventually('the child is absent', async () => !(await orchestrator.present(['child'])).has('child'));
  }, 60_000);

  test('may also end by itself once its transport is closed: nothing is left open', async () => {
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    const child = spawnChild('leaver');
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(await orchestrator.present(['leaver'])).toEqual(new Set(['leaver']));
    const exited = exitOf(child);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  }, 60_000);
});

describe('a server without memory', () => {
  afterEach(async () => {
    await admin((redis) => redis.config('SET', 'maxmemory', '0'));
  });

  test('refuses what is sent as full, whole; gives out what lies there; and takes everything when it has room', async () => {
    const told: string[] = [];
    const orchestrator = await started('orchestrator-1', 'orchestrator', { onFull: ({ message }) => told.push(message) });
    const worker = await started('worker-1', 'worker');
    await orchestrator.sendTasks([taskMessage()]);
    const [first] = await receiveAtLast(() => readTasks(worker));
    expect(await readTasks(worker)).toEqual([]); // Every lane has its group now.
    const second = taskMessage();
    await orchestrator.sendTasks([second]);
    await admin((redis) => redis.config('SET', 'maxmemory', '1'));
    const full = { code: 'REDIS_FULL', disposition: 'retryable', details: { resource: 'redis' } };
    await expect(orchestrator.sendTasks([taskMessage()])).rejects.toMatchObject(full);
    expect(told).toEqual([expect.stringContaining('OOM command not allowed')]);
    const receipts = first === undefined ? [] : [first.receipt];
    await expect(worker.sendResults([resultMessage()], receipts)).rejects.toMatchObject(full);
    expect([orchestrator.up, worker.up]).toEqual([true, true]);
    expect(await orchestrator.depths(['writer'])).toEqual(new Map([['writer', { waiting: 1, pending: 1 }]]));
    const [given] = await receiveAtLast(() => readTasks(worker));
    expect(given?.message.id).toBe(second.id);
    await worker.dropTasks(given === undefined ? [] : [given.receipt]);
    await admin((redis) => redis.config('SET', 'maxmemory', '0'));
    await worker.sendResults([resultMessage()], receipts);
    expect(await orchestrator.depths(['writer'])).toEqual(new Map([['writer', { waiting: 0, pending: 0 }]]));
    expect(await receiveAtLast(() => readResults(orchestrator))).toHaveLength(1);
  }, 60_000);
});

describe('a server that became a replica', () => {
  test('refuses to write as an unavailable one does, and is written to when it is primary again', async () => {
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    await admin((redis) => redis.replicaof('127.0.0.1', 1));
    await expect(orchestrator.sendTasks([taskMessage()])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await admin((redis) => redis.replicaof('NO', 'ONE'));
    await eventually('it takes tasks', () =>
      orchestrator.sendTasks([taskMessage()]).then(
        () => true,
        () => false,
      ),
    );
  }, 60_000);
});

describe('the eviction policy', () => {
  afterEach(async () => {
    await admin((redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'));
  });

  test('is accepted when nothing is evicted, and refused by name otherwise', async () => {
    const orchestrator = await started('orchestrator-1', 'orchestrator');
    await assertNoEviction(orchestrator);
    await admin((redis) => redis.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    await expect(assertNoEviction(orchestrator)).rejects.toMatchObject({ code: 'REDIS_EVICTS', details: { policy: 'allkeys-lru' } });
  });

  test('is read from INFO where CONFIG is forbidden, and is unknown where both are', async () => {
    await admin(async (redis) => {
      await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
      await redis.call('ACL', 'SETUSER', 'noconfig', 'on', '>pw', '~*', '&*', '+@all', '-config');
    });
    const url = `redis://noconfig:pw@127.0.0.1:${String(server.port)}`;
    const transport = createRedisTransport({ url, name: 'o', side: 'orchestrator', keys: testKeys });
    transports.push(transport);
    await transport.start();
    expect(await transport.evictionPolicy()).toBe('volatile-ttl');
    await admin((redis) => redis.call('ACL', 'SETUSER', 'noconfig', '-info'));
    expect(await transport.evictionPolicy()).toBe('unknown');
  });
});
