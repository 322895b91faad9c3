import type { Clock } from '../clock.ts';
import type { CacheBus, CacheEvent, CacheStore } from './cache-ports.ts';

/** Gets a value that is not there. It is done for all who wait for it, so none of their deadlines cuts it. */
export type CacheLoad<V> = (key: string, signal: AbortSignal) => Promise<V> | V;

export interface CacheOptions<V> {
  /** For messages; also the prefix of keys in the shared level and on the bus. */
  readonly name: string;
  /** Milliseconds for which a value is fresh. Default 60,000. */
  readonly ttlMs?: number;
  /** Milliseconds after that in which it is still given, while a new one is loaded or when loading fails. Default 0. */
  readonly staleMs?: number;
  /** Share of `ttlMs` by which chance shortens it, so that values loaded together do not go stale together. Default 0.1. */
  readonly spread?: number;
  /** Entries in memory. Default 10,000. */
  readonly maxEntries?: number;
  /** Bytes in memory, as `sizeOf` counts them. Default: unbounded. */
  readonly maxBytes?: number;
  readonly sizeOf?: (value: V) => number;
  /** The level that processes share; values must be JSON then. */
  readonly store?: CacheStore;
  /** Milliseconds for each access to the shared level. Default 250. */
  readonly storeTimeoutMs?: number;
  /** Milliseconds for which one process alone may load a key; the others wait for it. Default 5,000. */
  readonly lockMs?: number;
  /** Milliseconds for a load. Default 30,000. */
  readonly loadTimeoutMs?: number;
  /** Carries invalidations to the other processes. */
  readonly bus?: CacheBus;
  /** Metrics. */
  readonly onEvent?: (event: CacheEvent, key: string) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  /** Of each event since the cache was made. */
  readonly events: Readonly<Record<CacheEvent, number>>;
  /** Share of reads that needed no load, from 0 to 1; 0 without reads. */
  readonly hitRate: number;
}

/** Remembers what is costly to get: in this process, and in a level that processes share. */
export interface Cache<V> {
  /**
   * The value of the key, or what `load` gives. However many ask at the same time, in however many processes, one load runs; it does not
   * end when one of those who wait for it gives up. Rejects with the load's error when there is no value, not even a stale one.
   */
  get(key: string, load: CacheLoad<V>, options?: { readonly signal?: AbortSignal | undefined }): Promise<V>;
  /** Puts a value in, here and in the shared level; other processes forget theirs. */
  set(key: string, value: V): Promise<void>;
  /** Forgets keys here, in the shared level and in the other processes. What is being loaded is given to those who wait, but not kept. */
  invalidate(...keys: readonly string[]): Promise<void>;
  /** Forgets everything in this process: for want of memory. */
  clear(): void;
  readonly stats: CacheStats;
  /** Ends the subscription. */
  close(): void;
}
