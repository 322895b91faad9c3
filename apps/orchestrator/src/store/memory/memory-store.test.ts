import { describe, expect, test } from '@jest/globals';
import { storeContract } from '../contract.ts';
import type { Store } from '../store.ts';
import { createMemoryStore } from './memory-store.ts';

storeContract('memory', () => {
  let store: Store = createMemoryStore();
  const fixture = {
    get store() {
      return store;
    },
    clear: () => {
      store = createMemoryStore();
      return Promise.resolve();
    },
    close: () => store.close(),
  };
  return Promise.resolve(fixture);
});

describe('the memory store', () => {
  test('takes its time from the clock that it is given', async () => {
    let now = 1_000;
    const store = createMemoryStore({ now: () => now });
    await store.putPipeline('tenant-1', { name: 'p', stages: [] });
    now = 2_000;
    expect(store.now()).toBe(2_000);
    expect((await store.pipeline('tenant-1', 'p'))?.createdAt).toBe(1_000);
  });
});
