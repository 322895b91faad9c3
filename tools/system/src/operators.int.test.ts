import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { AppProcess } from './app-process.ts';
import { type Started, System } from './system.ts';

jest.setTimeout(120_000);

const LEVEL = '/api/v1/admin/log-level';
const PROFILES = '/api/v1/admin/profiles';

let system: System;
let first: Started;
let second: Started;
let worker: AppProcess;

beforeAll(async () => {
  system = await System.start();
  [first, second] = await Promise.all([system.orchestrator(), system.orchestrator()]);
  worker = await system.worker(first.api);
});
afterAll(() => system.close());

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come about:\n${first.process.output}\n${worker.output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const nameOf = async ({ pid }: AppProcess): Promise<string> => {
  const { workers } = await first.api.json<{ workers: { name: string; pid: number }[] }>('GET', '/api/v1/agents');
  return workers.find((one) => one.pid === pid)?.name ?? '';
};
const changes = ({ output }: AppProcess) => output.split('the log level is changed').length - 1;

describe('what operators have processes do', () => {
  test('all processes change their log level, those that come later too, and go back by themselves', async () => {
    expect(await first.api.json('PUT', LEVEL, { level: 'debug', forSeconds: 10 })).toMatchObject({
      scope: 'all',
      until: expect.any(String),
    });
    await until(() => changes(second.process) === 1 && changes(worker) === 1, 'the change');
    await second.api.request('GET', '/health/ready');
    await until(() => second.process.output.includes('"level":"debug"'), 'a line for debugging');
    const late = await system.worker(second.api);
    await until(() => changes(late) === 1, 'the change of the late worker');
    // what is left of its time, not all of it
    expect(Number(/"forMs":(\d+)/.exec(late.output)?.[1])).toBeLessThan(10_000);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const before = second.process.output.length;
    await second.api.request('GET', '/health/ready');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(second.process.output.slice(before)).not.toContain('"level":"debug"');
    await late.end('SIGTERM');
  });

  test('one worker changes its log level, and its answer is what it did', async () => {
    const process = await nameOf(worker);
    expect(await second.api.json('PUT', LEVEL, { level: 'warn', process })).toEqual({
      level: 'warn',
      previous: 'info',
      process,
      scope: 'process',
    });
    expect(await second.api.json('PUT', LEVEL, { level: 'default', process })).toMatchObject({ level: 'info', previous: 'warn' });
    expect(changes(first.process)).toBe(1);
  });

  test('a worker and another orchestrator record profiles of themselves, which is written down', async () => {
    const process = await nameOf(worker);
    const flames = await (await first.api.request('POST', PROFILES, { process, kind: 'flame-graph', seconds: 1 })).text();
    expect(flames).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(await first.api.json('POST', PROFILES, { process, kind: 'event-loop', seconds: 1 })).toMatchObject({
      utilization: expect.any(Number),
    });
    const { orchestrators } = await first.api.json<{ orchestrators: string[] }>('GET', '/api/v1/agents');
    const { name } = await second.api.json<{ name: string }>('GET', '/health/detailed');
    expect(orchestrators).toContain(name);
    expect(await first.api.json('POST', PROFILES, { process: name, seconds: 1 })).toMatchObject({ nodes: expect.any(Array) });
    const { items } = await first.api.json<{ items: { action: string; target: string; details: object }[] }>(
      'GET',
      '/api/v1/audit?action=profile.taken',
    );
    expect(items.map(({ target, details }) => ({ target, ...details }))).toEqual([
      { target: name, kind: 'cpu', seconds: 1 },
      { target: process, kind: 'event-loop', seconds: 1 },
      { target: process, kind: 'flame-graph', seconds: 1 },
    ]);
  });

  test('a worker leaves a heap snapshot in its data folder, of a size that it may have', async () => {
    const process = await nameOf(worker);
    const { file, bytes } = await first.api.json<{ file: string; bytes: number }>('POST', PROFILES, { process, kind: 'heap' });
    expect(file.startsWith(system.dataFolder)).toBe(true);
    expect((await stat(file)).size).toBe(bytes);
    const small = await system.worker(first.api, { MAINSTAY_MAX_PROFILE_BYTES: '1mb' });
    const refused = await first.api.request('POST', PROFILES, { process: await nameOf(small), kind: 'heap' });
    expect([refused.status, await refused.json()]).toMatchObject([507, { code: 'PROFILE_TOO_LARGE' }]);
    await small.end('SIGTERM');
  });

  test('a process that hangs is told of within seconds', async () => {
    const process = await nameOf(worker);
    worker.pause();
    try {
      const refused = await first.api.request('POST', PROFILES, { process, seconds: 1 });
      expect([refused.status, await refused.json()]).toMatchObject([
        404,
        { code: 'PROCESS_NOT_FOUND', detail: expect.stringContaining('hangs') },
      ]);
    } finally {
      worker.resume();
    }
  });
});
