import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { acquireServices } from './acquire-services.ts';
import { tryExclusiveLock } from './exclusive-lock.ts';
import { layoutOf } from './layout.ts';
import { logTail } from './log-file.ts';
import { isRunning, type ProcessRef } from './process-ref.ts';
import { probeRedis } from './redis-probe.ts';
import { readState } from './service-state.ts';
import { makeTestFolder } from './test-folder.ts';
import { type ClientProcess, startClient } from './testing/client-process.ts';
import { waitUntil } from './wait-until.ts';

const DEADLINE = { timeoutMs: 60_000 };
const clients: ClientProcess[] = [];
/** One folder for all tests, because a new database cluster takes seconds; each test begins and ends with nothing running. */
let dataDir: string;
beforeAll(async () => {
  dataDir = await makeTestFolder();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

async function client(dataDir: string): Promise<ClientProcess> {
  const started = await startClient(dataDir);
  clients.push(started);
  return started;
}

const processesOf = (dataDir: string): readonly ProcessRef[] => {
  const { postgres, redis } = readState(layoutOf(dataDir).state).processes;
  if (!postgres || !redis) throw new Error('no processes are recorded');
  return [postgres, redis];
};

/** Pids of all supervisors that ever served the folder, oldest first. */
const supervisors = (dataDir: string): readonly number[] =>
  [...logTail(layoutOf(dataDir).log, 10_000).matchAll(/serving, pid (\d+)/g)].map((match) => Number(match[1]));

const answers = async (url: string): Promise<boolean> => probeRedis(Number(new URL(url).port), new URL(url).password);

/** True once no supervisor holds the folder and none of the processes runs. */
async function allGone(dataDir: string, processes: readonly ProcessRef[]): Promise<boolean> {
  const gone = await waitUntil(() => {
    const lock = tryExclusiveLock(layoutOf(dataDir).lock);
    lock?.release();
    return lock && !processes.some(isRunning) ? true : undefined;
  }, DEADLINE);
  return gone ?? false;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.kill()));
  expect(await allGone(dataDir, [])).toBe(true);
}, 120_000);

describe('shared services', () => {
  test('two clients that start at once get the same servers, which end with the last of them, killed or not', async () => {
    const before = supervisors(dataDir).length;
    const [first, second] = await Promise.all([client(dataDir), client(dataDir)]);
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(second.redisUrl).toBe(first.redisUrl);
    expect(supervisors(dataDir)).toHaveLength(before + 1);
    const processes = processesOf(dataDir);
    await first.release();
    expect(await answers(second.redisUrl)).toBe(true);
    await second.kill();
    expect(await allGone(dataDir, processes)).toBe(true);
  }, 120_000);

  test('what was written is there at the next start, at the same addresses', async () => {
    const services = await acquireServices({ dataDir, env: {} });
    expect(services.describe()).not.toContain(new URL(services.databaseUrl).password);
    await query(services.databaseUrl, 'create table kept as select 42 as answer');
    await services.release();
    expect(await allGone(dataDir, [])).toBe(true);
    const again = await acquireServices({ dataDir, env: {} });
    expect(again.databaseUrl).toBe(services.databaseUrl);
    expect(await query(again.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await again.release();
  }, 120_000);

  test('a supervisor killed under its client is replaced: what it left is ended, the addresses stay', async () => {
    const { redisUrl, databaseUrl } = await client(dataDir);
    const left = processesOf(dataDir);
    const before = supervisors(dataDir).length;
    process.kill(supervisors(dataDir).at(-1) ?? 0, 'SIGKILL');
    const served = await waitUntil(async () => {
      const restarted = supervisors(dataDir).length === before + 1 && !left.some(isRunning) && (await answers(redisUrl));
      return restarted ? true : undefined;
    }, DEADLINE);
    expect(served).toBe(true);
    const again = await client(dataDir);
    expect(again.databaseUrl).toBe(databaseUrl);
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, 120_000);

  test('a remembered port that somebody else has taken is replaced by a free one', async () => {
    const first = await acquireServices({ dataDir, env: {}, postgres: false });
    await first.release();
    expect(await allGone(dataDir, [])).toBe(true);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(Number(new URL(first.redisUrl).port), '127.0.0.1', resolve));
    const second = await acquireServices({ dataDir, env: {}, postgres: false });
    expect(new URL(second.redisUrl).port).not.toBe(new URL(first.redisUrl).port);
    expect(await answers(second.redisUrl)).toBe(true);
    expect(second.databaseUrl).toBe('');
    await second.release();
    await new Promise((resolve) => squatter.close(resolve));
  }, 120_000);

  test('a server that dies is started again at the same address', async () => {
    const services = await acquireServices({ dataDir, env: {}, postgres: false });
    const before = readState(layoutOf(dataDir).state).processes.redis;
    process.kill(before?.pid ?? 0, 'SIGKILL');
    const back = await waitUntil(async () => {
      const now = readState(layoutOf(dataDir).state).processes.redis;
      return now?.pid !== before?.pid && (await answers(services.redisUrl)) ? true : undefined;
    }, DEADLINE);
    expect(back).toBe(true);
    await services.release();
  }, 120_000);
});

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const database = new Client({ connectionString: url });
  await database.connect();
  const { rows } = await database.query<Record<string, unknown>>(text);
  await database.end();
  return rows;
}
