import { NetworkError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { describe, expect, test } from '@jest/globals';
import type { HealthCheck } from './health-check.ts';
import { createHealth } from './health.ts';
import type { LifecycleState } from './lifecycle.ts';
import type { LifecycleLogger } from './logger.ts';

function setUp(checks: Record<string, HealthCheck>, state: LifecycleState = 'ready') {
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = (_fields: object, message: string) => void logged.push(message);
  const logger: LifecycleLogger = { info: log, warn: log, error: log, fatal: log };
  return { clock, logged, health: createHealth({ lifecycle: { state, logger }, checks, clock, random: () => 0 }) };
}

const good: HealthCheck = { check: () => undefined };
const bad: HealthCheck = { check: () => Promise.reject(new NetworkError('postgres://user:password@host is down')) };

/** A lifecycle whose components start when the test says so. */
function starting(checks: Record<string, HealthCheck>) {
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = (_fields: object, message: string) => void logged.push(message);
  const logger: LifecycleLogger = { info: log, warn: log, error: log, fatal: log };
  const started = new Map<string, number>();
  const runningSince = (component: string): number | undefined => started.get(component);
  const health = createHealth({ lifecycle: { state: 'starting', logger, runningSince }, checks, clock, random: () => 0 });
  return { clock, logged, health, hasStarted: (component: string) => started.set(component, clock.monotonic()) };
}

describe('before everything has started', () => {
  const notYet = { status: 'down', latencyMs: 0, reason: 'starting' };

  test('a check is not called before its component runs, and nothing of it is remembered', async () => {
    let calls = 0;
    const { health, hasStarted, logged } = starting({ postgres: { check: () => (calls += 1), component: 'postgres' } });
    await expect(health.ready()).resolves.toEqual({ status: 'down', state: 'starting', checks: { postgres: notYet } });
    expect(calls).toBe(0);
    hasStarted('postgres');
    await expect(health.ready()).resolves.toMatchObject({ checks: { postgres: { status: 'ok' } } });
    expect([calls, logged]).toEqual([1, []]);
  });

  test('what is not well at once is still starting, for a while, and told of only after that', async () => {
    const check = { ...bad, component: 'engine', settleMs: 1_000, cacheMs: 100, critical: false };
    const { clock, health, hasStarted, logged } = starting({ agents: check });
    hasStarted('engine');
    await clock.advance(500);
    await expect(health.ready()).resolves.toMatchObject({ checks: { agents: { ...notYet, status: 'degraded' } } });
    expect(logged).toEqual([]);
    await clock.advance(500);
    await expect(health.ready()).resolves.toMatchObject({ checks: { agents: { status: 'degraded', code: 'NETWORK_FAILED' } } });
    expect(logged).toEqual(['health check is not ok']);
  });
});

/** A check that is answered from outside. */
function gated() {
  const signals: AbortSignal[] = [];
  let gate = Promise.withResolvers<undefined>();
  const check = (signal: AbortSignal) => {
    signals.push(signal);
    gate = Promise.withResolvers<undefined>();
    return gate.promise;
  };
  return { signals, check, answer: () => gate.resolve(undefined) };
}

describe('createHealth', () => {
  test('is ok when the lifecycle is ready and all checks pass', async () => {
    const { health } = setUp({ postgres: good, disk: { check: () => ({ freeBytes: 7 }) } });
    await expect(health.ready()).resolves.toEqual({
      status: 'ok',
      state: 'ready',
      checks: { postgres: { status: 'ok', latencyMs: 0 }, disk: { status: 'ok', latencyMs: 0, details: { freeBytes: 7 } } },
    });
  });

  test.each<LifecycleState>(['starting', 'draining', 'stopped', 'failed'])('is down while the lifecycle is %s', async (state) => {
    const { health } = setUp({ postgres: good }, state);
    await expect(health.ready()).resolves.toMatchObject({ status: 'down', state });
  });

  test('is down when a critical check fails, and gives the code but not the message away', async () => {
    const { health } = setUp({ postgres: bad });
    const report = await health.ready();
    expect(report).toMatchObject({
      status: 'down',
      checks: { postgres: { status: 'down', code: 'NETWORK_FAILED', since: '2026-01-01T00:00:00.000Z' } },
    });
    expect(JSON.stringify(report)).not.toContain('password');
  });

  test('is degraded when a check fails that is not critical', async () => {
    const { health } = setUp({ postgres: good, cache: { ...bad, critical: false } });
    await expect(health.ready()).resolves.toMatchObject({
      status: 'degraded',
      checks: { postgres: { status: 'ok' }, cache: { status: 'degraded', code: 'NETWORK_FAILED' } },
    });
  });

  test('answers at the limit of a hanging check and at once when asked again, with one call in flight', async () => {
    const hanging = gated();
    const { clock, health } = setUp({ redis: { check: hanging.check } });
    const first = health.ready();
    await clock.advance(80);
    await expect(first).resolves.toMatchObject({
      status: 'down',
      checks: { redis: { status: 'down', latencyMs: 80, code: 'OPERATION_TIMEOUT' } },
    });
    await clock.advance(10_000);
    await expect(health.ready()).resolves.toMatchObject({ checks: { redis: { status: 'down', latencyMs: 10_080 } } });
    expect(hanging.signals).toHaveLength(1);
    expect(hanging.signals[0]?.reason).toMatchObject({ code: 'OPERATION_TIMEOUT' });
  });

  test('recovers when a hanging check answers at last', async () => {
    const hanging = gated();
    const { clock, health, logged } = setUp({ redis: { check: hanging.check } });
    const first = health.ready();
    await clock.advance(80);
    await first;
    hanging.answer();
    await clock.advance(0);
    await expect(health.ready()).resolves.toMatchObject({ status: 'ok' });
    expect(logged).toEqual(['health check is not ok', 'health check is ok again']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('one that hangs again and again makes nobody wait for long, and tells when it was ok last', async () => {
    let hangs = false;
    const check = (signal: AbortSignal) =>
      hangs ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))) : undefined;
    const { clock, health } = setUp({ redis: { check } });
    await health.ready();
    hangs = true;
    await clock.advance(1_000);
    const first = health.ready();
    await clock.advance(80);
    const since = '2026-01-01T00:00:01.080Z';
    const bad = { status: 'down', since, lastOkAt: '2026-01-01T00:00:00.000Z', code: 'OPERATION_TIMEOUT' };
    await expect(first).resolves.toMatchObject({ checks: { redis: bad } });
    await clock.advance(500);
    const second = health.ready();
    await clock.advance(20);
    await expect(second).resolves.toMatchObject({ checks: { redis: bad } });
    hangs = false;
    await clock.advance(600);
    await expect(health.ready()).resolves.toMatchObject({ status: 'ok' });
  });

  test('keeps the time since when a check is not ok', async () => {
    const { clock, health, logged } = setUp({ redis: bad });
    await health.ready();
    await clock.advance(60_000);
    await expect(health.ready()).resolves.toMatchObject({ checks: { redis: { since: '2026-01-01T00:00:00.000Z' } } });
    expect(logged).toEqual(['health check is not ok']);
  });

  test('shares one call among those who ask at the same time and keeps its result for a while', async () => {
    let calls = 0;
    const { clock, health } = setUp({ redis: { check: () => void (calls += 1), cacheMs: 500 } });
    await Promise.all([health.ready(), health.ready()]);
    await clock.advance(499);
    await health.ready();
    expect(calls).toBe(1);
    await clock.advance(1);
    await health.ready();
    expect(calls).toBe(2);
  });

  test('processes do not all look at the same moment', async () => {
    let calls = 0;
    const clock = new FakeClock();
    const checks = { redis: { check: () => void (calls += 1), cacheMs: 1_000 } };
    const health = createHealth({ lifecycle: { state: 'ready', logger: undefined }, checks, clock, random: () => 0.5 });
    await health.ready();
    await clock.advance(1_049);
    await health.ready();
    expect(calls).toBe(1);
    await clock.advance(1);
    await health.ready();
    expect(calls).toBe(2);
  });

  test('treats a check that throws like one that rejects', async () => {
    const { health } = setUp({
      disk: {
        check: () => {
          throw new Error('x');
        },
      },
    });
    await expect(health.ready()).resolves.toMatchObject({ checks: { disk: { status: 'down', code: 'INTERNAL' } } });
  });

  test('refuses a check that would make readiness answer late', () => {
    expect(() => setUp({ slow: { ...good, timeoutMs: 500 } })).toThrow(
      'health check slow: option timeoutMs must be a number from 1 to 90, not 500',
    );
  });
});
