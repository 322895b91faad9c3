import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeTestFolder, type RedisHandle, startRedis } from '@mainstay/services';
import { createRedisTransport } from '@mainstay/transport/redis';
import { TestOrchestrator } from './testing/orchestrator.ts';
import { task } from './testing/task.ts';
import { keys, type SpawnedWorker, type SpawnOptions, spawnWorker } from './testing/worker-process.ts';

const sharedRedis = process.env['MAINSTAY_TEST_REDIS_URL'] ?? '';
const TIMEOUT_MS = 90_000;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, TIMEOUT_MS);

async function scene(redisUrl = sharedRedis) {
  const prefix = `test-${randomUUID()}`;
  const orchestrator = new TestOrchestrator(
    createRedisTransport({ url: redisUrl, name: 'orchestrator-1', side: 'orchestrator', prefix, keys }),
  );
  await orchestrator.transport.start();
  cleanups.push(() => orchestrator.transport.close());
  return { orchestrator, start: (env: SpawnOptions['env'] = {}) => start({ redisUrl, prefix, env }) };
}

function start(options: SpawnOptions): SpawnedWorker {
  const worker = spawnWorker(options);
  cleanups.push(() => {
    worker.child.kill('SIGKILL');
    return worker.ended;
  });
  return worker;
}

/** A Redis of the test's own, which it may stop. */
async function ownRedis(): Promise<RedisHandle> {
  const folder = await makeTestFolder();
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis({ dir: join(folder, 'redis') });
  cleanups.push(() => redis.stop());
  return redis;
}

describe('the worker process', () => {
  test(
    'runs tasks, and on SIGTERM hands back a sleeping one with its checkpoint and exits with 0; the next one goes on from there',
    async () => {
      const { orchestrator, start: startWorker } = await scene();
      const first = startWorker({ MAINSTAY_WORKER_KINDS: 'noop,sleep' });
      const [quick, long] = [task('noop', { a: 1 }), task('sleep', { ms: 4_000, stepMs: 200 })];
      await orchestrator.send(quick, long);
      expect((await orchestrator.resultOf(quick)).outcome).toEqual({ status: 'succeeded', output: { a: 1 } });
      await orchestrator.message(({ run, checkpoint }) => run === long.run && checkpoint !== undefined);
      first.child.kill('SIGTERM');
      expect(await first.ended).toEqual({ code: 0, signal: null });
      const suspended = await orchestrator.resultOf(long);
      expect(suspended).toMatchObject({ outcome: { status: 'suspended' }, checkpoint: { doneMs: expect.any(Number) } });

      const again = { ...long, fence: 2, restored: suspended.checkpoint ?? null };
      await orchestrator.send(again);
      startWorker();
      const { outcome } = await orchestrator.resultOf(again);
      const { doneMs } = suspended.checkpoint as { doneMs: number };
      expect(outcome).toMatchObject({ status: 'succeeded', output: { resumedFromMs: doneMs, sleptMs: 4_000 - doneMs } });
      expect((await orchestrator.transport.depths(['noop', 'sleep'])).get('sleep')).toEqual({ waiting: 0, pending: 0 });
    },
    TIMEOUT_MS,
  );

  test(
    'killed in the middle of a task: its presence is gone, and the task is pending under its name',
    async () => {
      const { orchestrator, start: startWorker } = await scene();
      const worker = startWorker();
      const long = task('sleep', { ms: 600_000, stepMs: 600_000 });
      await orchestrator.send(long);
      const { worker: name } = await orchestrator.message(({ run }) => run === long.run);
      expect(await orchestrator.transport.present([name])).toEqual(new Set([name]));
      worker.child.kill('SIGKILL');
      expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await orchestrator.until(async () => ((await orchestrator.transport.present([name])).size === 0 ? true : undefined));
      const pending = await orchestrator.transport.pendingTasksOf(name, ['sleep']);
      expect(pending.map(({ message }) => message.run)).toEqual([long.run]);
    },
    TIMEOUT_MS,
  );

  test(
    'that crashes of a task dies of SIGKILL, and another worker gets over the next attempt',
    async () => {
      const { orchestrator, start: startWorker } = await scene();
      const deadly = task('crash', {});
      await orchestrator.send(deadly);
      expect(await startWorker({ MAINSTAY_WORKER_KINDS: 'crash' }).ended).toEqual({ code: null, signal: 'SIGKILL' });
      const next = { ...deadly, attempt: 2, fence: 2 };
      await orchestrator.send(next);
      startWorker({ MAINSTAY_WORKER_KINDS: 'crash' });
      expect((await orchestrator.resultOf(next)).outcome).toEqual({ status: 'succeeded', output: { attempt: 2 } });
    },
    TIMEOUT_MS,
  );

  test(
    'waits for Redis at the start, outlives its absence in the middle of a task, and sends the result afterwards',
    async () => {
      const redis = await ownRedis();
      const { orchestrator, start: startWorker } = await scene(redis.url);
      await redis.stop();
      const worker = startWorker({ MAINSTAY_LEASE_MS: '60000' });
      await orchestrator.until(() => (worker.output().includes('waiting for Redis') ? true : undefined));
      await redis.restart();
      const long = task('sleep', { ms: 3_000, stepMs: 3_000 });
      await orchestrator.until(() =>
        orchestrator.send(long).then(
          () => true,
          () => undefined,
        ),
      );
      await orchestrator.message(({ run }) => run === long.run);
      await redis.stop();
      await orchestrator.until(() => (worker.output().includes('Redis is not usable') ? true : undefined));
      await redis.restart();
      expect((await orchestrator.resultOf(long)).outcome).toMatchObject({ status: 'succeeded', output: { sleptMs: 3_000 } });
      worker.child.kill('SIGTERM');
      expect(await worker.ended).toEqual({ code: 0, signal: null });
    },
    TIMEOUT_MS,
  );

  test(
    'shuts down when its parent dies',
    async () => {
      const { orchestrator, start: startWorker } = await scene();
      const worker = startWorker();
      await orchestrator.until(() => (orchestrator.heartbeats.length > 0 ? true : undefined));
      worker.child.stdio[3]?.destroy();
      expect(await worker.ended).toEqual({ code: 0, signal: null });
      expect(worker.output()).toContain('the parent process is gone');
    },
    TIMEOUT_MS,
  );

  test(
    'exits with 2 and says everything that is wrong with its environment, but no value',
    async () => {
      const worker = start({ redisUrl: 'http://hidden', prefix: 'bad prefix', env: { MAINSTAY_WORKER_CAPACITY: 'many' } });
      expect(await worker.ended).toEqual({ code: 2, signal: null });
      for (const name of ['REDIS_URL', 'MAINSTAY_REDIS_PREFIX', 'MAINSTAY_WORKER_CAPACITY']) expect(worker.output()).toContain(name);
      expect(worker.output()).not.toContain('hidden');
    },
    TIMEOUT_MS,
  );

  test(
    'exits with 2 when it is to offer a kind that does not exist',
    async () => {
      const worker = start({ redisUrl: sharedRedis, prefix: 'test', env: { MAINSTAY_WORKER_KINDS: 'nope' } });
      expect(await worker.ended).toEqual({ code: 2, signal: null });
      expect(worker.output()).toContain('nope');
    },
    TIMEOUT_MS,
  );
});
