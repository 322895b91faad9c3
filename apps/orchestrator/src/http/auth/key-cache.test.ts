import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@mainstay/utils';
import type { ApiKeyRow } from '../../store/store.ts';
import { createKeyCache } from './key-cache.ts';

const row: ApiKeyRow = { id: 'k', tenant: 't', name: 'n', scopes: [], prefix: 'mst_', createdAt: 1 };

function scene(lookUp: (hash: string) => Promise<ApiKeyRow | undefined>, maxEntries = 100) {
  const asked: string[] = [];
  let now = 0;
  const cache = createKeyCache({
    lookUp: (hash) => {
      asked.push(hash);
      return lookUp(hash);
    },
    clock: { monotonic: () => now, setTimeout: (call, ms) => systemClock.setTimeout(call, ms) },
    maxEntries,
  });
  return {
    cache,
    asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('createKeyCache', () => {
  test('asks once for callers that come at the same time and within a second', async () => {
    const { cache, asked, pass } = scene(() => Promise.resolve(row));
    expect(await Promise.all([cache.find('a'), cache.find('a'), cache.find('a')])).toEqual([row, row, row]);
    pass(999);
    expect(await cache.find('a')).toBe(row);
    expect(asked).toEqual(['a']);
  });

  test('asks again after a second, so that a revocation is seen', async () => {
    const { cache, asked, pass } = scene(() => Promise.resolve(row));
    await cache.find('a');
    pass(1_000);
    await cache.find('a');
    expect(asked).toEqual(['a', 'a']);
  });

  test('remembers that a key does not exist', async () => {
    const { cache, asked } = scene(() => Promise.resolve(undefined));
    expect(await cache.find('x')).toBeUndefined();
    expect(await cache.find('x')).toBeUndefined();
    expect(asked).toEqual(['x']);
  });

  test('does not remember failures', async () => {
    let fails = true;
    const { cache } = scene(() => (fails ? Promise.reject(new Error('down')) : Promise.resolve(row)));
    await expect(cache.find('a')).rejects.toThrow('down');
    fails = false;
    expect(await cache.find('a')).toBe(row);
  });

  test('gives the last answer to who cannot wait, while the store hangs or fails, for ten minutes', async () => {
    let answer: () => Promise<ApiKeyRow | undefined> = () => Promise.resolve(row);
    const { cache, pass } = scene(() => answer());
    await cache.find('a', 5);
    answer = () => new Promise(() => undefined);
    pass(1_000);
    expect(await cache.find('a', 5)).toBe(row);
    expect(await cache.find('a', 5)).toBe(row);
    answer = () => Promise.reject(new Error('down'));
    pass(1_000);
    expect(await cache.find('a', 5)).toBe(row);
    await expect(cache.find('a')).rejects.toThrow('down');
    await expect(cache.find('never seen', 5)).rejects.toThrow('down');
    pass(600_001);
    await expect(cache.find('a', 5)).rejects.toThrow('down');
  });

  test('stays within its bound however many keys are tried', async () => {
    const { cache } = scene(() => Promise.resolve(undefined), 10);
    for (let i = 0; i < 100; i++) await cache.find(String(i));
    expect(cache.size).toBe(10);
  });

  test('forgets on demand', async () => {
    const { cache, asked } = scene(() => Promise.resolve(row));
    await cache.find('a');
    cache.clear();
    await cache.find('a');
    expect(asked).toHaveLength(2);
  });
});
