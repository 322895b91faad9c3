import { MainstayError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { Store } from '../store/store.ts';

export interface PurgeOptions {
  /** Runs that ended before this store time are removed. */
  readonly before: number;
  /** At most so many. Default: all. */
  readonly limit?: number;
  /** No batch begins after so many milliseconds. Default: no bound. */
  readonly budgetMs?: number;
  /** The pause after a batch, in times that the batch took. Default 0. */
  readonly pauseRatio?: number;
  /** Ends it after the batch that is under way. */
  readonly signal?: AbortSignal;
  /** Called after each batch that removed something. */
  readonly onBatch?: (removed: number, tookMs: number) => void;
}

export interface PurgeResult {
  readonly removed: number;
  /** There may be more to remove: the limit, the time or the signal ended it. */
  readonly more: boolean;
}

/** Runs per transaction, at most. */
export const MAX_BATCH = 500;
/** Batches are made as large as can be done within about these milliseconds: they hold locks, and a shutdown waits for them. */
const FAST_MS = 250;
const SLOW_MS = 1_000;

/**
 * Removes finished runs, batch by batch. What a batch removed stays removed, whatever happens next; runs that another process is
 * removing are passed over. Rejects with what the store rejects with, except that a batch that ran into the store's time
 * limit is tried again smaller.
 */
export async function purge(
  store: Pick<Store, 'purge'>,
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  options: PurgeOptions,
): Promise<PurgeResult> {
  const { before, limit = Number.POSITIVE_INFINITY, budgetMs = Number.POSITIVE_INFINITY, pauseRatio = 0, signal, onBatch } = options;
  const endAt = clock.monotonic() + budgetMs;
  let removed = 0;
  let size = MAX_BATCH;
  while (removed < limit && signal?.aborted !== true) {
    const batch = Math.min(size, limit - removed);
    const startedAt = clock.monotonic();
    const count = await store.purge(before, batch).catch((error: unknown) => {
      if (batch > 1 && clock.monotonic() < endAt && isTooSlow(error)) return undefined;
      throw error;
    });
    const tookMs = clock.monotonic() - startedAt;
    if (count === undefined) {
      size = Math.ceil(batch / 4);
      continue;
    }
    // fewer than asked for may mean that some were passed over
    if (count === 0) return { removed, more: false };
    removed += count;
    onBatch?.(count, tookMs);
    size = nextBatch(batch, tookMs);
    if (clock.monotonic() >= endAt) break;
    if (pauseRatio > 0) await clock.sleep(pauseRatio * tookMs, signal).catch(() => undefined);
  }
  return { removed, more: true };
}

function isTooSlow(error: unknown): boolean {
  return error instanceof MainstayError && error.code === 'OPERATION_TIMEOUT';
}

/** Runs differ in size by orders of magnitude, and so do machines. */
export function nextBatch(batch: number, tookMs: number): number {
  if (tookMs > SLOW_MS) return Math.max(1, Math.floor(batch / 2));
  return tookMs < FAST_MS ? Math.min(MAX_BATCH, 2 * batch) : batch;
}
