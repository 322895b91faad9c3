import { randomUUID } from 'node:crypto';
import type { CacheBus, CacheLock, CacheStore } from '@mainstay/utils';
import { Redis } from 'ioredis';

export interface RedisCacheOptions {
  /** `redis://`, `rediss://` (TLS) with optional user, password and database number. Never logged. */
  readonly url: string;
  /** Stands before every key and channel, so that installations can share a Redis. Default `mainstay`. */
  readonly prefix?: string;
  /** A command without an answer for so long fails. Default 1,000. */
  readonly commandTimeoutMs?: number;
  /** Told of every failed connection; the cache works without Redis meanwhile. */
  readonly onError?: (error: Error) => void;
}

/** The shared level and the bus of caches, on Redis. */
export interface RedisCache {
  readonly store: CacheStore;
  readonly bus: CacheBus;
  /** Ends both connections at once. */
  close(): void;
}

/** Deletes a lock only if it is still ours. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

interface Subscriber {
  readonly listener: (message: string) => void;
  readonly onGap: () => void;
}

/**
 * Two connections, one for commands and one that listens; they come back by themselves. Entries have a time to live, so this may be a
 * Redis that evicts: one of its own is best, because the lanes of the transport must not be in such a one.
 */
export function createRedisCache(options: RedisCacheOptions): RedisCache {
  const { prefix = 'mainstay', commandTimeoutMs = 1_000, onError = () => undefined } = options;
  const settings = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 5_000,
  };
  const commands = new Redis(options.url, settings);
  const listening = new Redis(options.url, { ...settings, autoResubscribe: false });
  const subscribers = new Set<Subscriber>();
  const channel = `${prefix}:cache`;
  const keyOf = (key: string) => `${prefix}:${key}`;

  commands.on('error', onError);
  listening.on('error', onError);
  listening.on('message', (_channel: string, message: string) => {
    for (const { listener } of subscribers) listener(message);
  });
  // whatever was said before it listens, again or for the first time, was not heard
  listening.on('ready', () => {
    listening.subscribe(channel).then(
      () => {
        for (const { onGap } of subscribers) onGap();
      },
      () => {
        listening.disconnect(true);
      },
    );
  });

  return {
    store: storeOn(commands, keyOf),
    bus: {
      publish: async (message) => {
        await commands.publish(channel, message);
      },
      subscribe: (listener, onGap) => {
        const subscriber = { listener, onGap };
        subscribers.add(subscriber);
        return () => subscribers.delete(subscriber);
      },
    },
    close() {
      subscribers.clear();
      commands.disconnect();
      listening.disconnect();
    },
  };
}

function storeOn(redis: Redis, keyOf: (key: string) => string): Required<CacheStore> {
  return {
    get: async (key) => (await redis.get(keyOf(key))) ?? undefined,
    set: async (key, text, ttlMs) => {
      await redis.set(keyOf(key), text, 'PX', Math.max(1, Math.ceil(ttlMs)));
    },
    delete: async (keys) => {
      if (keys.length > 0) await redis.unlink(...keys.map(keyOf));
    },
    lock: async (key, ttlMs) => {
      const token = randomUUID();
      const taken = await redis.set(keyOf(key), token, 'PX', Math.max(1, Math.ceil(ttlMs)), 'NX');
      return taken === 'OK' ? lockOn(redis, keyOf(key), token) : undefined;
    },
  };
}

function lockOn(redis: Redis, key: string, token: string): CacheLock {
  return {
    release: async () => {
      await redis.eval(RELEASE, 1, key, token);
    },
  };
}
