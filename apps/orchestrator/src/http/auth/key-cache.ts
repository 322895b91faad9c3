import { createLimiter, type Clock } from '@mainstay/utils';
import type { ApiKeyRow } from '../../store/store.ts';

export interface KeyCacheOptions {
  readonly lookUp: (hash: string) => Promise<ApiKeyRow | undefined>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** A result, found or not, is good for so long: a revocation is seen within this time. Default 1,000. */
  readonly ttlMs?: number;
  /** Default 10,000. */
  readonly maxEntries?: number;
  /** Look-ups at the same time. Default 16; at most 1,000 more wait. */
  readonly concurrency?: number;
  /** Metrics: whether a look-up could be spared. */
  readonly onFind?: (spared: boolean) => void;
}

/** Looks API keys up by hash, seldom twice within a second and never twice at the same time. */
export interface KeyCache {
  find(hash: string): Promise<ApiKeyRow | undefined>;
  /** Forgets everything, so that a revocation made here is seen at once. */
  clear(): void;
  readonly size: number;
}

export function createKeyCache(options: KeyCacheOptions): KeyCache {
  const { lookUp, clock, ttlMs = 1_000, maxEntries = 10_000, concurrency = 16, onFind } = options;
  const limiter = createLimiter(concurrency, { name: 'look-ups of API keys', maxWaiting: 1_000 });
  const entries = new Map<string, { readonly until: number; readonly row: Promise<ApiKeyRow | undefined> }>();

  const fetchRow = (hash: string) => {
    const row = limiter.run(() => lookUp(hash));
    const entry = { until: clock.monotonic() + ttlMs, row };
    entries.delete(hash);
    entries.set(hash, entry);
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    row.catch(() => {
      if (entries.get(hash) === entry) entries.delete(hash);
    });
    return row;
  };

  return {
    find(hash) {
      const entry = entries.get(hash);
      const spared = entry !== undefined && clock.monotonic() < entry.until;
      onFind?.(spared);
      return spared ? entry.row : fetchRow(hash);
    },
    clear() {
      entries.clear();
    },
    get size() {
      return entries.size;
    },
  };
}
