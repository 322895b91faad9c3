import { createLimiter, type Clock } from '@mainstay/utils';
import type { ApiKeyRow } from '../../store/store.ts';

export interface KeyCacheOptions {
  readonly lookUp: (hash: string) => Promise<ApiKeyRow | undefined>;
  readonly clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
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
  /**
   * `patienceMs`: where the look-up takes longer, the answer of the last ten minutes is given, if there is one. For what must answer
   * while the store hangs.
   */
  find(hash: string, patienceMs?: number): Promise<ApiKeyRow | undefined>;
  /** Forgets everything, so that a revocation made here is seen at once. */
  clear(): void;
  readonly size: number;
}

interface Entry {
  readonly until: number;
  readonly row: Promise<ApiKeyRow | undefined>;
  /** The last answer that came. */
  known?: { readonly at: number; readonly row: ApiKeyRow | undefined } | undefined;
}

/** How old an answer may be that stands in for one that does not come. */
const STALE_MS = 600_000;

export function createKeyCache(options: KeyCacheOptions): KeyCache {
  const { lookUp, clock, ttlMs = 1_000, maxEntries = 10_000, concurrency = 16, onFind } = options;
  const limiter = createLimiter(concurrency, { name: 'look-ups of API keys', maxWaiting: 1_000 });
  const entries = new Map<string, Entry>();

  const fetchRow = (hash: string) => {
    const row = limiter.run(() => lookUp(hash));
    const before = entries.get(hash)?.known;
    const entry: Entry = { until: clock.monotonic() + ttlMs, row, known: before };
    entries.delete(hash);
    entries.set(hash, entry);
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    row.then(
      (found) => {
        entry.known = { at: clock.monotonic(), row: found };
      },
      () => {
        if (entries.get(hash) !== entry) return;
        if (before === undefined) entries.delete(hash);
        else entries.set(hash, { until: 0, row, known: before });
      },
    );
    return row;
  };

  return {
    async find(hash, patienceMs) {
      const entry = entries.get(hash);
      const spared = entry !== undefined && clock.monotonic() < entry.until;
      onFind?.(spared);
      const row = spared ? entry.row : fetchRow(hash);
      const known = entry?.known;
      if (patienceMs === undefined || known === undefined || clock.monotonic() - known.at > STALE_MS) return await row;
      const { promise: late, resolve } = Promise.withResolvers<ApiKeyRow | undefined>();
      using _timer = clock.setTimeout(() => {
        resolve(known.row);
      }, patienceMs);
      return await Promise.race([row.catch(() => known.row), late]);
    },
    clear() {
      entries.clear();
    },
    get size() {
      return entries.size;
    },
  };
}
