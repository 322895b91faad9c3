import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import type { ReadyReport } from '@mainstay/lifecycle';
import type { WorkerInfo } from '../engine/engine.ts';
import { agentsValue, dependenciesValue, systemComponents } from './system-components.ts';

const ok = { status: 'ok', latencyMs: 1 } as const;
const failed = { status: 'down', latencyMs: 1 } as const;
const worker: WorkerInfo = {
  ...{ name: 'w', host: 'h', pid: 1, version: '1', startedAt: 1, kinds: [], capacity: 1, running: 0 },
  ...{ draining: false, rssBytes: 1, lastHeartbeatAt: 1 },
};
const engine = (workers: readonly WorkerInfo[], missing: readonly string[] = []) => ({
  workers: () => workers,
  missingKinds: () => missing.map((agent) => ({ agent, waiting: 1, since: 1 })),
});

describe('dependenciesValue', () => {
  test('is the share of those that are well; workers count by themselves', () => {
    expect(dependenciesValue(undefined)).toBe(1);
    expect(dependenciesValue({ checks: { postgres: ok, redis: failed, agents: failed } })).toBe(0.5);
    expect(dependenciesValue({ checks: { postgres: failed } })).toBe(0);
  });
});

describe('agentsValue', () => {
  test('knows missing workers and missing kinds', () => {
    expect(agentsValue(engine([worker]))).toBe(1);
    expect(agentsValue(engine([]))).toBe(0.5);
    expect(agentsValue(engine([{ ...worker, draining: true }]))).toBe(0.5);
    expect(agentsValue(engine([worker], ['x']))).toBe(0.7);
  });
});

describe('systemComponents', () => {
  test('looks at the dependencies now and then, without making anybody wait', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const report: ReadyReport = { status: 'down', state: 'ready', checks: { postgres: failed } };
    const health = {
      ready: () => {
        looks += 1;
        return Promise.resolve(report);
      },
    };
    const components = systemComponents({ health, engine: engine([worker]), clock, everyMs: 5_000 });
    expect(components()[0]).toMatchObject({ name: 'dependencies', value: 1 });
    await clock.advance(1_000);
    expect(components()[0]).toMatchObject({ value: 0 });
    expect(looks).toBe(1);
    await clock.advance(4_000);
    components();
    expect(looks).toBe(2);
  });

  test('a health that cannot be asked is no reason to fall', async () => {
    const clock = new FakeClock();
    const components = systemComponents({ health: { ready: () => Promise.reject(new Error('x')) }, engine: engine([worker]), clock });
    components();
    await clock.advance(0);
    expect(components()[0]).toMatchObject({ value: 1 });
  });
});
