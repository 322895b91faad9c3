/** The second level of a cache, which processes share: Redis, for instance. What fails there is a miss, never an error of the cache. */
export interface CacheStore {
  get(key: string, signal: AbortSignal): Promise<string | undefined>;
  /** @param ttlMs after so long it is gone */
  set(key: string, text: string, ttlMs: number, signal: AbortSignal): Promise<void>;
  delete(keys: readonly string[], signal: AbortSignal): Promise<void>;
  /** Takes the right to load a key; undefined: somebody else has it. It ends by itself after `ttlMs`. */
  lock?(key: string, ttlMs: number, signal: AbortSignal): Promise<CacheLock | undefined>;
}

export interface CacheLock {
  /** Gives the right up, unless it ended and went to somebody else. */
  release(): Promise<void>;
}

/** Carries invalidations between processes. */
export interface CacheBus {
  publish(message: string): Promise<void>;
  /** `onGap` is called when messages may have been lost: the cache forgets everything then. Returns the function that ends it. */
  subscribe(listener: (message: string) => void, onGap: () => void): () => void;
}

/** What the cache tells its owner, for metrics. */
export type CacheEvent =
  /** Answered from memory, with a fresh value. */
  | 'hit'
  /** Answered from the shared level. */
  | 'shared-hit'
  /** Answered with a value past its time, while a new one is loaded, or because loading failed. */
  | 'stale'
  /** Had to be loaded. */
  | 'miss'
  /** Waited for a load that somebody else had begun. */
  | 'joined'
  | 'load-failed'
  /** The shared level or the bus failed. */
  | 'shared-failed';
