import { NetworkError, OverloadError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import { createBulkhead } from './bulkhead.ts';
import { createBreaker } from './circuit-breaker.ts';
import { createPolicy, type PolicyOptions } from './policy.ts';
import { FakeClock } from './testing/fake-clock.ts';

const failing = () => Promise.reject(new NetworkError('down'));
const never = () => new Promise<never>(() => undefined);

function scene({ retry, ...options }: PolicyOptions = {}) {
  const clock = new FakeClock();
  const policy = createPolicy('api', {
    ...options,
    retry: retry === false ? false : { clock, jitter: 'none', ...retry },
    breaker: options.breaker ?? { clock },
  });
  return { clock, policy };
}

describe('createPolicy', () => {
  test('passes results through and tells each attempt its number', async () => {
    const { clock, policy } = scene();
    const numbers: number[] = [];
    const work = policy.execute(({ number }) => (numbers.push(number) < 3 ? failing() : 'back'));
    await clock.advance(5_000);
    await expect(work).resolves.toBe('back');
    expect(numbers).toEqual([1, 2, 3]);
  });

  test('limits each attempt to ten seconds, which counts against the dependency', async () => {
    const { clock, policy } = scene({ retry: { maxAttempts: 2 } });
    const failed = expect(policy.execute(never)).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
      message: 'api took longer than 10000 ms',
    });
    await clock.advance(21_000);
    await failed;
    expect(policy.breaker?.stats).toMatchObject({ calls: 2, failures: 2 });
  });

  test('judges every attempt by itself, and waits for the probe of an open circuit', async () => {
    const { clock, policy } = scene({ retry: { maxAttempts: 20, baseMs: 100, maxMs: 100 } });
    const times: number[] = [];
    const work = policy.execute(() => (times.push(clock.monotonic()) <= 10 ? failing() : 'back'));
    await clock.advance(200_000);
    await expect(work).resolves.toBe('back');
    expect(times).toHaveLength(11);
    expect(times.at(-1)).toBe(60_900);
    expect(policy.breaker?.stats.refused).toBe(1);
  });

  test('holds no place of the bulkhead while it waits between attempts', async () => {
    const bulkhead = createBulkhead({ concurrency: 1 });
    const { clock, policy } = scene({ bulkhead });
    const first = policy.execute(({ number }) => (number === 1 ? failing() : 'first'));
    await clock.advance(500);
    expect(bulkhead.stats.active).toBe(0);
    await expect(policy.execute(() => 'second')).resolves.toBe('second');
    await clock.advance(1_000);
    await expect(first).resolves.toBe('first');
  });

  test('counts the wait for a place as part of the attempt, and not against the dependency', async () => {
    const clock = new FakeClock();
    const bulkhead = createBulkhead({ concurrency: 1, clock });
    const breaker = createBreaker('api', { clock });
    const policy = createPolicy('api', { timeoutMs: 100, retry: { maxAttempts: 1, clock }, bulkhead, breaker });
    void bulkhead.run(never);
    const failed = expect(policy.execute(() => 'x', { tenant: 'a', priority: 'high' })).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
    });
    await clock.advance(100);
    await failed;
    expect(bulkhead.stats.waiting).toBe(0);
    expect(breaker.stats.calls).toBe(0);
  });

  test('gives up at once when the caller does', async () => {
    const { policy } = scene({ bulkhead: {} });
    const controller = new AbortController();
    const work = policy.execute(never, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(policy.breaker?.stats.calls).toBe(0);
  });

  test('leaves out what is switched off', async () => {
    const policy = createPolicy('api', { retry: false, breaker: false });
    let calls = 0;
    const work = policy.execute(() => {
      calls += 1;
      throw new OverloadError('OVERLOADED', 'x');
    });
    await expect(work).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(calls).toBe(1);
    expect([policy.breaker, policy.bulkhead, policy.name]).toEqual([undefined, undefined, 'api']);
  });

  test('refuses wrong options', () => {
    expect(() => createPolicy('api', { timeoutMs: 0 })).toThrow('option attemptTimeoutMs');
    expect(() => createPolicy('api', { breaker: { probes: 0 } })).toThrow('breaker api: option probes');
  });
});
