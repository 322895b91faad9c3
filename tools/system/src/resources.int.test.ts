import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeTestFolder, mountSmallDisk, type SmallDisk } from '@mainstay/services';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { ApiClient } from './api-client.ts';
import { type Started, System } from './system.ts';

jest.setTimeout(180_000);

const run = promisify(execFile);
const MAX_CONNECTIONS = 40;
const DISK_BYTES = 400 * 1_024 ** 2;
const DATA_BYTES = 16 * 1_024 ** 2;

const chain = {
  name: 'chain',
  stages: [
    { id: 'a', agent: 'noop' },
    { id: 'b', agent: 'sleep', needs: ['a'], input: { ms: 300, stepMs: 50 } },
    { id: 'c', agent: 'noop', needs: ['b'] },
  ],
};

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly details?: { readonly resource?: string };
}

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly status: string; readonly code?: string }>>;
}

// In a file system of its own where this user may mount one.
const diskFolder = await makeTestFolder('mainstay-disk-');
const disk: SmallDisk | undefined = await mountSmallDisk(join(diskFolder, 'pg'), DISK_BYTES);
const dataDisk: SmallDisk | undefined = await mountSmallDisk(join(diskFolder, 'data'), DATA_BYTES);
if (disk === undefined || dataDisk === undefined)
  process.stderr.write('full disks are not tested here: this user may not mount a file system\n');
const canLimit = await run('prlimit', ['--version']).then(
  () => true,
  () => false,
);

let system: System;
let orchestrator: Started;
let api: ApiClient;

beforeAll(async () => {
  const settings = { max_connections: String(MAX_CONNECTIONS), max_wal_size: '64MB', min_wal_size: '32MB', shared_buffers: '16MB' };
  system = await System.start({ postgres: settings, ...(disk && { postgresFolder: disk.folder }) });
  orchestrator = await system.orchestrator(dataDisk && { env: { MAINSTAY_DATA_DIR: dataDisk.folder } });
  ({ api } = orchestrator);
  await system.worker(api);
  await api.put(chain);
});
afterAll(async () => {
  await disk?.free();
  await system.close();
  await disk?.remove();
  await dataDisk?.remove();
  await rm(diskFolder, { recursive: true, force: true });
});
afterEach(async () => {
  expect(await system.gaps()).toEqual([]);
  expect(await system.doubles()).toEqual([]);
  expect(orchestrator.process.running).toBe(true);
});

async function ready(): Promise<Ready> {
  return (await (await api.request('GET', '/health/ready')).json()) as Ready;
}

/** The first refusal of a submission. */
async function refusal(input: unknown = {}): Promise<Problem & { readonly retryAfter: string | null }> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await api.request('POST', '/api/v1/runs', { pipeline: 'chain', input });
    const body = (await response.json()) as Problem;
    if (!response.ok) return { ...body, retryAfter: response.headers.get('retry-after') };
  }
  throw new Error('nothing was refused');
}

/** Everything that was accepted ends well, and so does what comes now. */
async function goesOn(runs: readonly string[]): Promise<void> {
  await eventually('a run is accepted', async () => (await api.request('POST', '/api/v1/runs', { pipeline: 'chain', input: {} })).ok);
  for (const id of [...runs, await api.submit('chain')]) expect((await api.ended(id)).status).toBe('succeeded');
  await eventually('it is ready', async () => (await ready()).status === 'ok');
}

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function inFlight(count = 10): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => api.submit('chain')));
}

describe('submissions are refused with the resource that ran out, and everything goes on when it is back', () => {
  (disk === undefined ? test.skip : test)('the disk of Postgres', async () => {
    const runs = await inFlight();
    await disk?.fill();
    const refused = await refusal({ text: randomBytes(150_000).toString('base64') });
    expect(refused).toMatchObject({ status: 507, code: 'DISK_FULL', details: { resource: 'postgres-disk' }, retryAfter: '1' });
    await eventually('it says so', async () => (await ready()).checks['resources']?.code === 'DISK_FULL');
    await disk?.free();
    await eventually('Postgres answers', async () => (await system.query('select 1')).length === 1).catch(() => system.postgres.restart());
    await goesOn(runs);
  });

  (dataDisk === undefined ? test.skip : test)('the disk of the data folder: it is not ready, and serves all the same', async () => {
    const before = await inFlight();
    await dataDisk?.fill();
    await eventually('it says so', async () => (await ready()).checks['filesystem']?.code === 'DISK_FULL');
    expect(await ready()).toMatchObject({ status: 'down', checks: { filesystem: { status: 'down' }, postgres: { status: 'ok' } } });
    for (const id of [...before, ...(await inFlight())]) expect((await api.ended(id)).status).toBe('succeeded');
    await dataDisk?.free();
    await goesOn([]);
  });

  test('the connections of Postgres', async () => {
    const runs = await inFlight();
    const taken = await takeAllConnections();
    const refused = await refusal();
    expect(refused).toMatchObject({ status: 503, code: 'POSTGRES_EXHAUSTED', details: { resource: 'postgres-connections' } });
    expect(await ready()).toMatchObject({ status: 'down', checks: { postgres: { status: 'down', code: 'POSTGRES_EXHAUSTED' } } });
    await Promise.all(taken.map((client) => client.end()));
    await goesOn(runs);
  });

  test('the memory of Postgres, for locks', async () => {
    const client = new pg.Client({ connectionString: system.postgres.url });
    await client.connect();
    for (const key of [1, 2, 3]) {
      const all = client.query('select pg_advisory_lock($1, i) from generate_series(1, 1000000) as i', [key]);
      await expect(all).rejects.toMatchObject({ code: '53200' });
    }
    const refused = await refusal();
    expect(refused).toMatchObject({ status: 503, code: 'POSTGRES_EXHAUSTED', details: { resource: 'postgres-memory' } });
    await eventually('it says so', async () => (await ready()).checks['resources']?.code === 'POSTGRES_EXHAUSTED');
    await client.end();
    await goesOn([]);
  });

  test('the memory of Redis: runs are accepted, and wait without filling the store', async () => {
    const redis = new Redis(system.redis.url);
    await redis.config('SET', 'maxmemory', '1');
    const runs = await inFlight();
    await eventually('it says so', async () => (await ready()).checks['resources']?.code === 'REDIS_FULL');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const [{ n } = { n: 0 }] = await system.query<{ n: number }>(
      `select count(*)::int as n from run_events where type = 'task.redispatched' and run_id = any($1::uuid[])`,
      [runs],
    );
    expect(n).toBeLessThan(2 * runs.length);
    expect((await api.run(runs[0] ?? '')).status).toBe('running');
    await redis.config('SET', 'maxmemory', '0');
    redis.disconnect();
    await goesOn(runs);
  });

  (canLimit ? test : test.skip)('the file handles of an orchestrator', async () => {
    const runs = await inFlight();
    const { pid } = orchestrator.process;
    const limits = await readFile(`/proc/${String(pid)}/limits`, 'utf8');
    const before = /^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? '1024';
    await ready(); // A connection that stays open.
    await run('prlimit', [`--pid=${String(pid)}`, '--nofile=3:']);
    try {
      await system.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mainstay-orchestrator'`);
      await eventually('it says so', async () => (await ready()).checks['filesystem']?.code === 'OUT_OF_FILE_HANDLES');
      const refused = await refusal();
      expect(refused).toMatchObject({ status: 503, code: 'OUT_OF_FILE_HANDLES', details: { resource: 'file-handles' } });
      for (const path of ['/metrics', '/health/resources', '/health/detailed'])
        expect([path, (await api.request('GET', path)).status]).toEqual([path, 200]);
      // What cannot be accepted must not end the process.
      const socket = net.connect(Number(new URL(api.url).port), '127.0.0.1').on('error', () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(orchestrator.process.running).toBe(true);
      socket.destroy();
    } finally {
      await run('prlimit', [`--pid=${String(pid)}`, `--nofile=${before}:`]);
    }
    await goesOn(runs);
  });
});

/** Opens connections until there are none left, and the orchestrator has none. */
async function takeAllConnections(): Promise<pg.Client[]> {
  const own: pg.Client[] = [];
  let quiet = 0;
  while (quiet < 3) {
    const client = new pg.Client({ connectionString: system.postgres.url });
    client.on('error', () => undefined);
    const left = await client.connect().then(
      () => true,
      () => false,
    );
    if (left) {
      own.push(client);
      continue;
    }
    const ended = await own[0]?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mainstay-orchestrator'`,
    );
    quiet = ended?.rowCount === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return own;
}
