import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PARTITIONS, type Transport } from '@mainstay/transport';
import { createRedisTransport } from '@mainstay/transport/redis';
import { testKeys } from '@mainstay/transport/testing';
import type { ResultMessage } from '@mainstay/types';
import { TestAgent, waiting } from '../testing/agents.ts';
import { task } from '../testing/task.ts';
import { createWorker } from './worker.ts';

const url = process.env['MAINSTAY_TEST_REDIS_URL'] ?? '';
const TIMEOUT_MS = 60_000;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => logger };
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function connector() {
  const prefix = `test-${randomUUID()}`;
  return async (name: string, side: 'worker' | 'orchestrator'): Promise<Transport> => {
    const transport = createRedisTransport({ url, prefix, keys: testKeys, name, side });
    await transport.start();
    cleanups.push(() => transport.close());
    return transport;
  };
}

async function startWorker(transport: Transport, agent: TestAgent) {
  const worker = createWorker({ transport, agents: [agent], logger, capacity: 20 });
  await worker.start();
  cleanups.push(() => worker.stop());
  return worker;
}

/** Reads results until there are so many. */
async function results(transport: Transport, count: number, found: ResultMessage[] = []): Promise<readonly ResultMessage[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  while (found.length < count && !signal.aborted) {
    const batches = await transport.receiveResults({ partitions: ALL, max: 100, blockMs: 1_000, signal });
    found.push(...batches.flatMap(({ messages }) => messages.filter((message) => message.type === 'result')));
    await transport.ackResults(batches.map(({ receipt }) => receipt));
  }
  return found;
}

describe('a worker on Redis', () => {
  test(
    'shares a thousand tasks with another one; each is done once and none stays behind',
    async () => {
      const connect = connector();
      const orchestrator = await connect('orchestrator', 'orchestrator');
      const echo = () => new TestAgent('it', (input) => Promise.resolve(input));
      await startWorker(await connect('one', 'worker'), echo());
      await startWorker(await connect('two', 'worker'), echo());
      const tasks = Array.from({ length: 1_000 }, (_, n) => task('it', n));
      await orchestrator.sendTasks(tasks);
      const found = await results(orchestrator, 1_000);
      expect(new Set(found.map(({ run }) => run))).toEqual(new Set(tasks.map(({ run }) => run)));
      expect(found).toHaveLength(1_000);
      expect((await orchestrator.depths(['it'])).get('it')).toEqual({ waiting: 0, pending: 0 });
    },
    TIMEOUT_MS,
  );

  test(
    'drains: what runs is handed back, what waits stays in the lane for others',
    async () => {
      const connect = connector();
      const orchestrator = await connect('orchestrator', 'orchestrator');
      const worker = await startWorker(await connect('one', 'worker'), waiting('it'));
      await orchestrator.sendTasks(Array.from({ length: 25 }, () => task('it', {})));
      while ((await orchestrator.depths(['it'])).get('it')?.pending !== 20) await orchestrator.ping(AbortSignal.timeout(TIMEOUT_MS));
      await worker.drain(AbortSignal.abort());
      const found = await results(orchestrator, 20);
      expect(found.map(({ outcome }) => outcome.status)).toEqual(Array.from({ length: 20 }, () => 'suspended'));
      expect((await orchestrator.depths(['it'])).get('it')).toEqual({ waiting: 5, pending: 0 });
    },
    TIMEOUT_MS,
  );

  test(
    'stops an attempt when it is told to on its own channel',
    async () => {
      const connect = connector();
      const orchestrator = await connect('orchestrator', 'orchestrator');
      await startWorker(await connect('one', 'worker'), waiting('it'));
      const { run, task: name, fence, ...rest } = task('it', {});
      await orchestrator.sendTasks([{ run, task: name, fence, ...rest }]);
      while ((await orchestrator.depths(['it'])).get('it')?.pending !== 1) await orchestrator.ping(AbortSignal.timeout(TIMEOUT_MS));
      const told = results(orchestrator, 1);
      await orchestrator.publish({ process: 'one' }, { v: 1, type: 'cancel', attempts: [{ run, task: name, fence }], reason: 'cancelled' });
      expect((await told).map(({ outcome }) => outcome)).toEqual([{ status: 'cancelled' }]);
    },
    TIMEOUT_MS,
  );
});
