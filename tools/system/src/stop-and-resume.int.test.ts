import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { System } from './system.ts';

jest.setTimeout(180_000);

const RUNS = 50;
const STEP_MS = 200;
const SLEEP_MS = 10_000;

let system: System;

beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.close());

test('everything is stopped in mid-run, and the next start goes on where it was', async () => {
  const first = await system.orchestrator();
  const worker = await system.worker(first.api, { MAINSTAY_WORKER_CAPACITY: '64' });
  await first.api.put({
    name: 'nap',
    stages: [
      { id: 'nap', agent: 'sleep', input: { ms: SLEEP_MS, stepMs: STEP_MS } },
      { id: 'after', agent: 'noop', needs: ['nap'], input: { nap: '${stages.nap.output}' } },
    ],
  } as { name: string });
  const runs = await Promise.all(Array.from({ length: RUNS }, () => first.api.submit('nap')));
  for (const run of runs) await first.api.until(run, ({ tasks }) => tasks[0]?.status === 'running');
  await new Promise((resolve) => setTimeout(resolve, 5 * STEP_MS));

  const begun = Date.now();
  const codes = await Promise.all([worker.end('SIGTERM'), first.process.end('SIGTERM')]);
  expect(codes).toEqual([0, 0]);
  expect(Date.now() - begun).toBeLessThan(30_000);
  const kept = await system.query<{ id: string; status: string; done: number }>(
    `select r.id, r.status, (c.state ->> 'doneMs')::int as done from runs r join checkpoints c on c.run_id = r.id where r.pipeline = 'nap'`,
  );
  expect(kept).toHaveLength(RUNS);
  expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['suspended']));
  expect(Math.min(...kept.map(({ done }) => done))).toBeGreaterThan(0);

  const second = await system.orchestrator();
  await system.worker(second.api, { MAINSTAY_WORKER_CAPACITY: '64' });
  for (const run of runs) {
    const ended = await second.api.ended(run);
    const nap = ended.tasks[0];
    expect([ended.status, nap?.attempt]).toEqual(['succeeded', 1]);
    // It went on exactly where its checkpoint was: only what is left was slept, in as many steps as that takes.
    const doneMs = kept.find(({ id }) => id === run)?.done ?? Number.NaN;
    expect(nap?.output).toEqual({ resumedFromMs: doneMs, sleptMs: SLEEP_MS - doneMs, steps: Math.ceil((SLEEP_MS - doneMs) / STEP_MS) });
    const types = (await second.api.events(run)).map(({ type }) => type);
    for (const type of ['task.suspended', 'run.suspended', 'run.woken', 'run.succeeded']) expect(types).toContain(type);
  }
  expect(await system.gaps()).toEqual([]);
  expect(await system.doubles()).toEqual([]);
});
