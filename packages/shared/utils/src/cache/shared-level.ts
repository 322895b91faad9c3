import type { Clock } from '../clock.ts';
import { withTimeout } from '../with-timeout.ts';
import type { CacheLock, CacheStore } from './cache-ports.ts';
import type { CacheEntry } from './memory-level.ts';

export interface SharedLevelOptions {
  readonly name: string;
  readonly store: CacheStore | undefined;
  /** For each access. */
  readonly timeoutMs: number;
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
}

/** Entries that processes share, as JSON. Bounded in time, and without errors: what fails is told and taken for absent. */
export class SharedLevel<V> {
  readonly #options: SharedLevelOptions;

  constructor(options: SharedLevelOptions) {
    this.#options = options;
  }

  /** True if processes can agree on who loads. */
  get locks(): boolean {
    return this.#options.store?.lock !== undefined;
  }

  async get(key: string): Promise<CacheEntry<V> | undefined> {
    const text = await this.#try((store, signal) => store.get(key, signal));
    const entry = text === undefined ? undefined : parseEntry<V>(text);
    return entry !== undefined && entry.staleUntil > this.#options.clock.now() ? entry : undefined;
  }

  async set(key: string, { value, freshUntil, staleUntil }: CacheEntry<V>): Promise<void> {
    const ttlMs = Math.ceil(staleUntil - this.#options.clock.now());
    if (ttlMs <= 0) return;
    await this.#try((store, signal) => store.set(key, JSON.stringify([freshUntil, staleUntil, value]), ttlMs, signal));
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#try((store, signal) => store.delete(keys, signal));
  }

  /** `taken`: somebody else loads the key. `none`: nobody can tell, because there is no shared level or it fails. */
  async lock(key: string, ttlMs: number): Promise<CacheLock | 'taken' | 'none'> {
    const answer = await this.#try(async (store, signal) => (await store.lock?.(key, ttlMs, signal)) ?? 'taken');
    return answer ?? 'none';
  }

  async release(lock: CacheLock): Promise<void> {
    await this.#try(() => lock.release());
  }

  async #try<T>(step: (store: CacheStore, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { store, timeoutMs, name, onFailure, clock } = this.#options;
    if (store === undefined) return undefined;
    try {
      return await withTimeout((signal) => step(store, signal), timeoutMs, { name: `shared level of cache ${name}`, clock });
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }
}

/** Undefined for what is not one: another program may write under the same key. */
function parseEntry<V>(text: string): CacheEntry<V> | undefined {
  try {
    const parsed = JSON.parse(text) as unknown;
    if (!Array.isArray(parsed) || parsed.length < 2) return undefined;
    const [freshUntil, staleUntil, value] = parsed as [unknown, unknown, V];
    return typeof freshUntil === 'number' && typeof staleUntil === 'number' ? { value, freshUntil, staleUntil } : undefined;
  } catch {
    return undefined;
  }
}
