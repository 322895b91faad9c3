import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ApiClient, RunView } from './api-client.ts';
import type { AppProcess } from './app-process.ts';
import { type Started, System } from './system.ts';

jest.setTimeout(180_000);

/** Steps that sleep, so that faults meet work in every state. */
const chain = {
  name: 'chain',
  stages: [
    { id: 'a', agent: 'noop' },
    { id: 'b', agent: 'sleep', needs: ['a'], input: { ms: 200, stepMs: 50 } },
    { id: 'c', agent: 'noop', needs: ['b'] },
    { id: 'd', agent: 'sleep', needs: ['c'], input: { ms: 100, stepMs: 50 } },
    { id: 'e', agent: 'echo-context', needs: ['d'] },
  ],
};

let system: System;
let orchestrator: Started;
let worker: AppProcess;
let api: ApiClient;

beforeAll(async () => {
  system = await System.start();
  orchestrator = await system.orchestrator();
  ({ api } = orchestrator);
  worker = await system.worker(api);
  await api.put(chain);
});
afterAll(() => system.close());

/** Submits runs, lets them get going, and gives their ids. */
async function inFlight(count = 30): Promise<string[]> {
  const runs = await Promise.all(Array.from({ length: count }, () => api.submit('chain')));
  await api.until(runs[0] ?? '', ({ tasks }) => tasks.some(({ stage, status }) => stage === 'b' && status !== 'pending'));
  return runs;
}

async function allSucceed(runs: readonly string[]): Promise<RunView[]> {
  const ended = [];
  for (const run of runs) ended.push(await api.ended(run, 90_000));
  expect(ended.filter(({ status }) => status !== 'succeeded').map(({ id, status, error }) => ({ id, status, error }))).toEqual([]);
  return ended;
}

async function again(port = Number(new URL(api.url).port)): Promise<void> {
  orchestrator = await system.orchestrator({ port });
  ({ api } = orchestrator);
}

describe('nothing is lost and nothing is done twice', () => {
  afterEach(async () => {
    expect(await system.gaps()).toEqual([]);
    expect(await system.doubles()).toEqual([]);
  });

  test('when a worker is killed in the middle of its tasks', async () => {
    const runs = await inFlight();
    await worker.end('SIGKILL');
    worker = await system.worker(api);
    await allSucceed(runs);
  });

  test('when the orchestrator is killed in the middle of a batch', async () => {
    const runs = await inFlight();
    await orchestrator.process.end('SIGKILL');
    await again();
    await allSucceed(runs);
  });

  test('when both are killed', async () => {
    const runs = await inFlight();
    await Promise.all([orchestrator.process.end('SIGKILL'), worker.end('SIGKILL')]);
    await again();
    worker = await system.worker(api);
    await allSucceed(runs);
  });

  test('when Redis is flushed', async () => {
    const runs = await inFlight();
    await flush(system);
    await allSucceed(runs);
  });

  test('when Redis is killed and comes back empty', async () => {
    const runs = await inFlight();
    await system.redis.restartEmpty();
    await allSucceed(runs);
  });

  test('when Redis is killed and comes back with what it had on disk', async () => {
    const runs = await inFlight();
    await system.redis.kill();
    await system.redis.restart();
    await allSucceed(runs);
  });

  test('when Postgres is killed and restarts', async () => {
    const runs = await inFlight();
    await system.postgres.kill();
    const refused = await api.request('POST', '/api/v1/runs', { pipeline: 'chain', input: {} });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'POSTGRES_UNAVAILABLE']);
    await system.postgres.restart();
    await allSucceed(runs);
  });

  test('when a worker is stopped past its lease and wakes up again', async () => {
    const runs = await inFlight();
    worker.pause();
    const second = await system.worker(api);
    await allSucceed(runs);
    worker.resume();
    await allSucceed(await inFlight(5));
    await second.end('SIGTERM');
  });

  test('when one of two orchestrators is killed', async () => {
    const second = await system.orchestrator();
    const runs = await inFlight();
    await orchestrator.process.end('SIGKILL');
    ({ api } = second);
    await allSucceed(runs);
    const { port } = new URL(orchestrator.api.url);
    await again(Number(port));
    await second.process.end('SIGTERM');
  });
});

async function flush(of: System): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(of.redis.url);
  await redis.flushall();
  redis.disconnect();
}
