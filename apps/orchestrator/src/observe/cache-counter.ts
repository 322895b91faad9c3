import type { Metrics } from '@mainstay/observability';

/** Counts the reads of one cache: whether it had the value. */
export function cacheCounter(metrics: Metrics, cache: string): (hit: boolean) => void {
  const reads = metrics.counter('mainstay_cache_requests_total');
  const hits = reads.labels({ cache, result: 'hit' });
  const misses = reads.labels({ cache, result: 'miss' });
  return (hit) => {
    (hit ? hits : misses).inc();
  };
}
