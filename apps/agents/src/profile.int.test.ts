import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { asCpuProfile, flameGraph, hotFunctions } from '@mainstay/profiling';
import { createRedisTransport } from '@mainstay/transport/redis';
import { TestOrchestrator } from './testing/orchestrator.ts';
import { task } from './testing/task.ts';
import { keys, spawnWorker } from './testing/worker-process.ts';

const redisUrl = process.env['MAINSTAY_TEST_REDIS_URL'] ?? '';
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
  return await promise;
}

test('a worker under load gives a profile of itself, in which the agent that takes the CPU is found', async () => {
  const prefix = `test-${randomUUID()}`;
  const port = await freePort();
  const transport = createRedisTransport({ url: redisUrl, name: 'orchestrator-1', side: 'orchestrator', prefix, keys });
  const orchestrator = new TestOrchestrator(transport);
  await transport.start();
  cleanups.push(() => transport.close());
  const env = { MAINSTAY_WORKER_KINDS: 'hog', MAINSTAY_WORKER_CAPACITY: '1', MANAGEMENT_PORT: String(port) };
  const worker = spawnWorker({ redisUrl, prefix, env });
  cleanups.push(() => {
    worker.child.kill('SIGKILL');
    return worker.ended;
  });
  await orchestrator.send(...Array.from({ length: 200 }, () => task('hog', { maxBytes: 50_000_000, times: 1 })));
  await orchestrator.message(({ type }) => type === 'result');

  const response = await fetch(`http://127.0.0.1:${port}/profile?seconds=1`, { method: 'POST' });
  expect(response.status).toBe(200);
  const profile = asCpuProfile(await response.json());
  const hot = hotFunctions(profile, 5).map(({ name }) => name);
  expect(hot).toContainEqual(expect.stringMatching(/ apps\/agents\/src\/kinds\/fault\/hog\.ts:\d+$/));
  expect(flameGraph(profile)).toContain('apps/agents/src/kinds/fault/hog.ts');
}, 60_000);
