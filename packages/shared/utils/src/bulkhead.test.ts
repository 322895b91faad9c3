import { getEventListeners } from 'node:events';
import { OverloadError, TimeoutError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAdaptiveLimit, type LatencySample } from './adaptive-limit.ts';
import { type BulkheadOptions, createBulkhead } from './bulkhead.ts';
import { deadlineIn, underDeadline } from './deadline.ts';
import { type Deferred, deferred } from './deferred.ts';
import { PRIORITIES, type Priority } from './priority.ts';
import { FakeClock } from './testing/fake-clock.ts';

function scene(options: BulkheadOptions = {}) {
  const clock = new FakeClock();
  const begun: string[] = [];
  const ends: Deferred[] = [];
  const bulkhead = createBulkhead({ clock, name: 'api', ...options });
  const start = (name: string, call: Parameters<typeof bulkhead.run>[1] = {}) => {
    const work = bulkhead.run(async () => {
      begun.push(name);
      const end = deferred();
      ends.push(end);
      await end.promise;
      return name;
    }, call);
    work.catch(() => undefined);
    return work;
  };
  const finish = async (count = 1) => {
    for (const end of ends.splice(0, count)) end.resolve();
    await clock.advance(0);
  };
  return { clock, bulkhead, begun, start, finish };
}

describe('createBulkhead', () => {
  test('never runs more than it may, runs everything it took, and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom<Priority>(...PRIORITIES), fc.integer({ min: 0, max: 20 })), {
          maxLength: 25,
        }),
        async (concurrency, calls) => {
          const clock = new FakeClock();
          const bulkhead = createBulkhead({ clock, concurrency, queueTimeoutMs: 1e6 });
          let running = 0;
          let most = 0;
          const work = calls.map(([tenant, priority, ms]) =>
            bulkhead.run(
              async () => {
                most = Math.max(most, (running += 1));
                await clock.sleep(ms);
                running -= 1;
              },
              { tenant, priority },
            ),
          );
          await clock.advance(1_000);
          await Promise.all(work);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(bulkhead.stats).toMatchObject({ active: 0, waiting: 0, refused: 0, timedOut: 0 });
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('passes results and errors through', async () => {
    const { bulkhead } = scene();
    await expect(bulkhead.run(() => 1)).resolves.toBe(1);
    const error = new Error('own');
    await expect(bulkhead.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(bulkhead.stats).toEqual({ limit: 50, active: 0, waiting: 0, refused: 0, shed: 0, timedOut: 0 });
  });

  test('takes turns between tenants: one that floods it delays the others by a turn', async () => {
    const { begun, start, finish } = scene({ concurrency: 1 });
    for (let i = 0; i < 20; i++) void start(`flood ${i}`, { tenant: 'loud' });
    void start('quiet', { tenant: 'small' });
    await finish();
    await finish();
    expect(begun).toEqual(['flood 0', 'flood 1', 'quiet']);
  });

  test('keeps room for others when one tenant fills the queue', async () => {
    const { bulkhead, start } = scene({ concurrency: 1, maxWaiting: 4 });
    const flood = Array.from({ length: 5 }, (_, i) => start(`flood ${i}`, { tenant: 'loud' }));
    await expect(start('one more', { tenant: 'loud' })).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1_000 });
    void start('quiet', { tenant: 'small' });
    await expect(flood[4]).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(bulkhead.stats).toMatchObject({ waiting: 4, refused: 1, shed: 1 });
  });

  test('sheds the least important for the more important', async () => {
    const { start, finish, begun } = scene({ concurrency: 1, maxWaiting: 1 });
    void start('running');
    const low = start('low', { priority: 'low' });
    void start('high', { priority: 'high' });
    await expect(low).rejects.toMatchObject({ message: expect.stringContaining('higher priority') });
    await finish();
    expect(begun).toEqual(['running', 'high']);
  });

  test('refuses who waited too long', async () => {
    const { clock, bulkhead, start, begun, finish } = scene({ concurrency: 1, queueTimeoutMs: 100 });
    void start('first');
    const late = expect(start('late')).rejects.toMatchObject({ code: 'OVERLOADED', message: 'api: no place came free within 100 ms' });
    await clock.advance(100);
    await late;
    await finish();
    expect(begun).toEqual(['first']);
    expect(bulkhead.stats).toMatchObject({ active: 0, waiting: 0, timedOut: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not wait beyond the deadline of the work that calls', async () => {
    const { clock, start } = scene({ concurrency: 1 });
    void start('first');
    const deadline = deadlineIn('request', 50, clock);
    const late = expect(underDeadline(deadline, () => start('late'))).rejects.toMatchObject({
      message: expect.stringContaining('within 50 ms'),
    });
    await clock.advance(50);
    await late;
    await expect(underDeadline(deadline, () => start('too late'))).rejects.toMatchObject({ message: 'api: there is no time left to wait' });
  });

  test('lets go of who gives up, and leaves no listener', async () => {
    const { bulkhead, start, finish, begun } = scene({ concurrency: 1 });
    void start('first');
    const controller = new AbortController();
    const waiting = start('second', { signal: controller.signal });
    void start('third');
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await expect(bulkhead.run(() => 1, { signal: controller.signal })).rejects.toBe(reason);
    await finish();
    expect(begun).toEqual(['first', 'third']);
  });

  test('follows a limit that adapts itself, and tells it what it saw', async () => {
    const samples: LatencySample[] = [];
    const limit = { limit: 1, sample: (sample: LatencySample) => samples.push(sample) };
    const { clock, bulkhead, start, finish, begun } = scene({ concurrency: limit });
    void start('a');
    void start('b');
    await clock.advance(40);
    limit.limit = 3;
    void start('c');
    await clock.advance(0);
    expect(begun).toEqual(['a', 'b', 'c']);
    await finish(3);
    await expect(bulkhead.run(() => Promise.reject(new OverloadError('OVERLOADED', 'x')))).rejects.toThrow();
    await expect(bulkhead.run(() => Promise.reject(new TimeoutError('OPERATION_TIMEOUT', 'x')))).rejects.toThrow();
    await expect(bulkhead.run(() => Promise.reject(new Error('x')))).rejects.toThrow();
    expect(samples.map(({ dropped }) => dropped)).toEqual([false, false, false, true, true, false]);
    expect(samples[0]).toEqual({ latencyMs: 40, inFlight: 1, dropped: false });
  });

  test('admits who waits at once when the limit rises, whoever made it rise', async () => {
    const limit = createAdaptiveLimit({ initial: 1 });
    const { clock, start, begun } = scene({ concurrency: limit, queueTimeoutMs: 100_000 });
    void start('a');
    void start('b');
    while (limit.limit < 2) limit.sample({ latencyMs: 1, inFlight: 1, dropped: false });
    await clock.advance(0);
    expect(begun).toEqual(['a', 'b']);
  });

  test.each<[BulkheadOptions, string]>([
    [{ concurrency: 0 }, 'api: option concurrency'],
    [{ maxWaiting: -1 }, 'api: option maxWaiting'],
    [{ queueTimeoutMs: 0 }, 'api: option queueTimeoutMs'],
  ])('refuses %j', (options, message) => {
    expect(() => createBulkhead({ name: 'api', ...options })).toThrow(message);
  });
});
