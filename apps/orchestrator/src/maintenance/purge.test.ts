import { describe, expect, test } from '@jest/globals';
import { DependencyError, TimeoutError } from '@mainstay/types';
import { MAX_BATCH, nextBatch, purge } from './purge.ts';

/** A store with so many old runs, each of which takes `msPerRun` to remove; larger batches than `tooMany` run into its time limit. */
function ballast(runs: number, { tooMany = Number.POSITIVE_INFINITY, msPerRun = 1 } = {}) {
  let now = 0;
  const batches: number[] = [];
  const pauses: number[] = [];
  return {
    batches,
    pauses,
    left: () => runs,
    store: {
      async purge(_before: number, limit: number): Promise<number> {
        batches.push(limit);
        if (limit > tooMany) throw new TimeoutError('OPERATION_TIMEOUT', 'too slow');
        const count = Math.min(limit, runs);
        runs -= count;
        now += count * msPerRun;
        return count;
      },
    },
    clock: {
      monotonic: () => now,
      async sleep(ms: number, signal?: AbortSignal): Promise<void> {
        signal?.throwIfAborted();
        pauses.push(ms);
        now += ms;
      },
    },
  };
}

describe('purge', () => {
  test('removes everything, batch by batch', async () => {
    const { clock, store, batches, left } = ballast(1_100);
    const told: number[] = [];
    expect(await purge(store, clock, { before: 1, onBatch: (removed) => told.push(removed) })).toEqual({ removed: 1_100, more: false });
    expect([batches, told, left()]).toEqual([[500, 500, 500, 500], [500, 500, 100], 0]);
  });

  test('removes no more than the limit, and says that there may be more', async () => {
    const { clock, store, batches } = ballast(10_000);
    expect(await purge(store, clock, { before: 1, limit: 700 })).toEqual({ removed: 700, more: true });
    expect(batches).toEqual([500, 200]);
  });

  test('begins no batch after its time', async () => {
    const { clock, store } = ballast(10_000);
    expect(await purge(store, clock, { before: 1, budgetMs: 1_200 })).toEqual({ removed: 1_500, more: true });
  });

  test('pauses between batches for a multiple of what they took', async () => {
    const { clock, store, pauses } = ballast(1_300);
    await purge(store, clock, { before: 1, pauseRatio: 9 });
    expect(pauses).toEqual([4_500, 4_500, 2_700]);
  });

  test('ends after the batch that is under way when it is told to', async () => {
    const { clock, store, left, pauses } = ballast(10_000);
    const stop = new AbortController();
    const options = { before: 1, pauseRatio: 9, signal: stop.signal, onBatch: () => stop.abort() };
    expect(await purge(store, clock, options)).toEqual({ removed: 500, more: true });
    expect(await purge(store, clock, options)).toEqual({ removed: 0, more: true });
    expect([left(), pauses]).toEqual([9_500, []]);
  });

  test('tries smaller batches when one runs into the time limit of the store', async () => {
    const { clock, store, batches, left } = ballast(40, { tooMany: 10, msPerRun: 100 });
    expect(await purge(store, clock, { before: 1 })).toEqual({ removed: 40, more: false });
    expect(batches.slice(0, 4)).toEqual([500, 125, 32, 8]);
    expect(left()).toBe(0);
  });

  test('gives up when even one run is too much, or the store is away', async () => {
    const { clock, store, batches } = ballast(40, { tooMany: 0 });
    await expect(purge(store, clock, { before: 1 })).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    expect(batches).toEqual([500, 125, 32, 8, 2, 1]);
    const away = { purge: () => Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) };
    await expect(purge(away, clock, { before: 1 })).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
  });
});

describe('nextBatch', () => {
  test('is halved after a slow one, doubled after a fast one, and stays within its bounds', () => {
    expect([nextBatch(500, 1_001), nextBatch(1, 5_000), nextBatch(100, 500), nextBatch(100, 10), nextBatch(400, 10)]).toEqual([
      250,
      1,
      100,
      200,
      MAX_BATCH,
    ]);
  });
});
