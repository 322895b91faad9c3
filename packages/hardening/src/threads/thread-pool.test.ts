import { FakeClock } from '@mainstay/utils/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createThreadPool, type ThreadPool, type ThreadPoolOptions } from './thread-pool.ts';

const module = new URL('../testing/thread-tasks.ts', import.meta.url);
const MB = 1_048_576;
const pools: ThreadPool[] = [];

function poolWith(options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const pool = createThreadPool({ module, maxThreads: 1, timeoutMs: 30_000, ...options });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

describe('createThreadPool', () => {
  test('runs tasks on threads, and the event loop stays free', async () => {
    const pool = poolWith({ maxThreads: 2 });
    expect(await Promise.all([1, 2, 3].map((value) => pool.run('double', value)))).toEqual([2, 4, 6]);
    expect(pool.stats.completed).toBe(3);
    expect(pool.stats.threads).toBeLessThanOrEqual(2);
  });

  test('ends a task in an endless loop when its time is over, and goes on with the next', async () => {
    const clock = new FakeClock();
    const pool = poolWith({ clock });
    const endless = pool.run('forever', undefined, { timeoutMs: 50 });
    const refused = expect(endless).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(50);
    await refused;
    expect(await pool.run('double', 4)).toBe(8);
  });

  test('ends a task that nobody wants any more', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const endless = poolWith().run('forever', undefined, { signal: controller.signal });
    controller.abort(reason);
    await expect(endless).rejects.toBe(reason);
  });

  test('a task that takes too much memory ends alone', async () => {
    const pool = poolWith({ memoryBytes: 16 * MB });
    await expect(pool.run('hog', undefined)).rejects.toMatchObject({ code: 'WORKER_OUT_OF_MEMORY', disposition: 'retryable' });
    expect(await pool.run('double', 5)).toBe(10);
  });

  test('gives back what a task throws', async () => {
    await expect(poolWith().run('fail', undefined)).rejects.toMatchObject({ name: 'RangeError', message: 'out of range' });
  });

  test('refuses what would wait behind too many', async () => {
    const pool = poolWith({ maxWaiting: 1 });
    const controller = new AbortController();
    const running = [1, 2].map(() => pool.run('forever', undefined, { signal: controller.signal }).catch(() => undefined));
    await expect(pool.run('double', 1)).rejects.toMatchObject({ code: 'OVERLOADED' });
    controller.abort();
    await Promise.all(running);
  });

  test('ends everything when it is closed', async () => {
    const pool = poolWith();
    const endless = pool.run('forever', undefined);
    const ended = expect(endless).rejects.toMatchObject({ code: 'CANCELLED' });
    await pool.close();
    await ended;
    await expect(pool.run('double', 1)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('refuses options that cannot be', () => {
    expect(() => createThreadPool({ module, maxThreads: 0 })).toThrow(/maxThreads/);
    expect(() => createThreadPool({ module, memoryBytes: 1 })).toThrow(/memoryBytes/);
  });
});
