import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { makeTestFolder, type RedisHandle, startRedis } from '@mainstay/services';
import { type Cache, createCache } from '@mainstay/utils';
import { Redis } from 'ioredis';
import { eventually } from '../testing/index.ts';
import { createRedisCache, type RedisCache } from './redis-cache.ts';

const never = new AbortController().signal;

let dir: string;
let server: RedisHandle;
const open: { close(): void }[] = [];

beforeAll(async () => {
  dir = await makeTestFolder();
  server = await startRedis({ dir: join(dir, 'redis') });
}, 60_000);
afterAll(async () => {
  await server.kill();
  await rm(dir, { recursive: true, force: true });
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function connect(prefix: string): Promise<RedisCache> {
  const redis = createRedisCache({ url: server.url, prefix });
  open.push(redis);
  await eventually('Redis answers', () =>
    redis.store.get('anything', never).then(
      () => true,
      () => false,
    ),
  );
  return redis;
}

async function processOn(prefix: string): Promise<{ readonly redis: RedisCache; readonly cache: Cache<string> }> {
  const redis = await connect(prefix);
  const cache = createCache<string>({ name: 'reads', store: redis.store, bus: redis.bus, storeTimeoutMs: 5_000 });
  open.push(cache);
  const admin = new Redis(server.url);
  await eventually('it listens', async () => Number((await admin.pubsub('NUMSUB', `${prefix}:cache`))[1]) > 0);
  admin.disconnect();
  return { redis, cache };
}

describe('createRedisCache', () => {
  test('keeps texts for their time and deletes them', async () => {
    const { store } = await connect('keeps');
    await store.set('a', 'text', 60_000, never);
    await store.set('b', 'gone', 1, never);
    await expect(store.get('a', never)).resolves.toBe('text');
    await eventually('its time is over', async () => (await store.get('b', never)) === undefined);
    await store.delete(['a', 'b'], never);
    await store.delete([], never);
    await expect(store.get('a', never)).resolves.toBeUndefined();
  });

  test('gives a lock to one at a time, and does not release that of another', async () => {
    const { store } = await connect('locks');
    const first = await store.lock?.('a', 60_000, never);
    expect(first).toBeDefined();
    await expect(store.lock?.('a', 60_000, never)).resolves.toBeUndefined();
    await first?.release();
    const second = await store.lock?.('a', 60_000, never);
    expect(second).toBeDefined();
    await first?.release();
    await expect(store.lock?.('a', 60_000, never)).resolves.toBeUndefined();
  });

  test('makes of the caches of two processes one: one load, one truth', async () => {
    const [here, there] = [await processOn('shared'), await processOn('shared')];
    let loads = 0;
    const load = async () => Promise.resolve(`value ${(loads += 1)}`);
    const values = await Promise.all([here.cache.get('a', load), there.cache.get('a', load)]);
    expect(values).toEqual(['value 1', 'value 1']);
    await here.cache.invalidate('a');
    const value = await here.cache.get('a', load);
    expect(value).toBe('value 2');
    await eventually('the other has heard of it', async () => (await there.cache.get('a', load)) === value);
    expect(loads).toBe(2);
  });

  test('tells of a gap when the connection that listens was away, so that nothing old is given', async () => {
    const { redis } = await processOn('gap');
    let gaps = 0;
    redis.bus.subscribe(
      () => undefined,
      () => (gaps += 1),
    );
    const admin = new Redis(server.url);
    try {
      await eventually('it listens', async () => (await admin.pubsub('NUMSUB', 'gap:cache'))[1] === 1);
      const before = gaps;
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await eventually('it listens again', () => gaps > before);
    } finally {
      admin.disconnect();
    }
  });

  test('leaves the cache working when Redis cannot be reached', async () => {
    const errors: Error[] = [];
    const redis = createRedisCache({ url: 'redis://127.0.0.1:1', onError: (error) => errors.push(error) });
    const cache = createCache<string>({ name: 'reads', store: redis.store, bus: redis.bus, storeTimeoutMs: 500 });
    open.push(redis, cache);
    await expect(cache.get('a', () => 'value')).resolves.toBe('value');
    await expect(cache.get('a', () => 'other')).resolves.toBe('value');
    expect(cache.stats.events['shared-failed']).toBeGreaterThan(0);
  });
});
