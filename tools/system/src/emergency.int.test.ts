import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { freePort } from '@mainstay/services';
import type { ApiClient } from './api-client.ts';
import type { AppProcess } from './app-process.ts';
import { System } from './system.ts';

jest.setTimeout(240_000);

const MB = 1_048_576;
const LIMIT_MB = 320;
const quick = { name: 'quick', stages: [{ id: 'only', agent: 'noop' }] };
const hog = { name: 'hog', stages: [{ id: 'only', agent: 'hog', timeoutMs: 600_000 }] };
const EMERGENCY = '/api/v1/admin/emergency';

let system: System;
let api: ApiClient;
let management: string;
let worker: AppProcess;

beforeAll(async () => {
  system = await System.start();
  ({ api } = await system.orchestrator());
  const port = await freePort();
  management = `http://127.0.0.1:${port}`;
  worker = await system.worker(api, {
    MANAGEMENT_PORT: String(port),
    MAINSTAY_WORKER_KINDS: 'noop,hog',
    MAINSTAY_MEMORY_LIMIT: `${LIMIT_MB}mb`,
  });
  for (const definition of [quick, hog]) await api.put(definition);
});
afterAll(() => system.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A figure of the worker; NaN while it is too busy to answer. */
async function figure(name: string): Promise<number> {
  try {
    const text = await (await fetch(`${management}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
    return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  } catch {
    return Number.NaN;
  }
}

async function until(name: string, holds: (value: number) => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  let value = await figure(name);
  while (!holds(value)) {
    if (Date.now() > end) throw new Error(`${name} is ${value} after ${withinMs} ms:\n${worker.output}`);
    await pause(250);
    value = await figure(name);
  }
}

describe('emergencies of a whole system', () => {
  test('work of low priority that takes all memory drives a worker into one; it gives the work back and comes out by itself', async () => {
    const pieceBytes = 48 * MB;
    const input = { maxBytes: pieceBytes, holdMs: 600_000, times: 1_000 };
    // all at once: one after the other, the worker would leave them to others before it is too late
    const hogs = await Promise.all(Array.from({ length: 5 }, () => api.submit('hog', input, { priority: -1 })));
    await until('mainstay_memory_share', (value) => value > 0.95, 40_000);
    await until('mainstay_emergency', (value) => value === 1, 30_000);
    const high = await api.submit('quick', {}, { priority: 1 });
    expect((await api.ended(high, 20_000)).status).toBe('succeeded');
    const low = await api.submit('quick', {}, { priority: -1 });
    await pause(1_000);
    expect((await api.run(low)).tasks[0]?.status).toBe('dispatched');
    // what was handed back cost no try
    await until('mainstay_worker_running', (value) => value === 0, 20_000);
    const { tasks } = await api.run(hogs[0] ?? '');
    expect(tasks[0]).toMatchObject({ status: 'dispatched', attempt: 1 });
    for (const run of hogs) await api.json('POST', `/api/v1/runs/${run}/cancel`, {});

    await until('mainstay_memory_share', (value) => value < 0.85, 30_000);
    await until('mainstay_emergency', (value) => value === 0, 90_000);
    expect(await figure('mainstay_emergencies_total')).toBe(1);
    expect((await api.ended(low, 20_000)).status).toBe('succeeded');

    // a worker has no database: the orchestrator heard of it and wrote it down
    const { items } = await api.json<{ items: { action: string; actor: string; target: string }[] }>('GET', '/api/v1/audit?actor=system');
    const told = items.filter(({ action }) => action.startsWith('emergency.')).toReversed();
    const { workers } = await api.json<{ workers: { name: string }[] }>('GET', '/api/v1/agents');
    const common = { actor: 'system', target: workers[0]?.name, details: { triggers: expect.arrayContaining(['memory']) } };
    expect(told).toMatchObject([
      { ...common, action: 'emergency.entered' },
      { ...common, action: 'emergency.left' },
    ]);
  });

  test('one by hand holds in all processes until it is ended by hand', async () => {
    const submit = async (priority: number) =>
      (await api.request('POST', '/api/v1/runs', { pipeline: 'quick', input: {}, priority })).status;
    await api.json('POST', EMERGENCY, { reason: 'drill' });
    await until('mainstay_emergency', (value) => value === 1, 5_000);
    expect([await submit(-1), await submit(0), await submit(1)]).toEqual([503, 503, 202]);
    const { api: second } = await system.orchestrator();
    const told = await eventually(async () => (await second.json<{ active: boolean }>('GET', EMERGENCY)).active);
    expect(told).toBe(true);
    await second.json('DELETE', EMERGENCY);
    await until('mainstay_emergency', (value) => value === 0, 5_000);
    expect([await submit(-1), await submit(0), await submit(1)]).toEqual([202, 202, 202]);
  });
});

/** True as soon as it is, within 15 s. */
async function eventually(look: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    if (await look()) return true;
    await pause(200);
  }
  return false;
}
