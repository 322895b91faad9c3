import { describe, expect, test } from '@jest/globals';
import { DependencyError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { createMemoryStore } from './store/memory/memory-store.ts';
import { mark } from './store/testing/changes.ts';
import { Shortages } from './shortages.ts';

const full = new DependencyError('DISK_FULL', 'full');

describe('Shortages', () => {
  test('tells of what ran out for 5 s after it was last met', async () => {
    const clock = new FakeClock();
    const shortages = new Shortages(clock);
    await shortages.check();
    shortages.note(full);
    await expect(shortages.check()).rejects.toBe(full);
    await clock.advance(4_000);
    shortages.note(new DependencyError('REDIS_FULL', 'no memory'));
    expect(shortages.current?.code).toBe('REDIS_FULL');
    await clock.advance(2_000);
    expect(shortages.current?.code).toBe('REDIS_FULL');
    await clock.advance(3_000);
    await shortages.check();
  });

  test('does not take a server that is away, or a foreign error, for a shortage', async () => {
    const shortages = new Shortages(new FakeClock());
    shortages.note(new DependencyError('POSTGRES_UNAVAILABLE', 'away'));
    shortages.note(new Error('DISK_FULL'));
    await shortages.check();
  });

  test('notes what the writes of a store meet, and gives their errors to the caller', async () => {
    const shortages = new Shortages(new FakeClock());
    const store = shortages.watch({ ...createMemoryStore(), commit: () => Promise.reject(full) });
    await expect(store.create([], mark)).resolves.toEqual([]);
    await shortages.check();
    await expect(store.commit([], mark)).rejects.toBe(full);
    expect(shortages.current).toBe(full);
  });
});
