import type { Metrics } from '@mainstay/observability';

/** What retention counts. */
export interface RetentionMetrics {
  readonly removed: (runs: number, tookMs: number) => void;
  /** Milliseconds since the oldest finished run ended; 0: there is none. */
  readonly oldest: (ageMs: number) => void;
}

export function retentionMetrics(metrics: Metrics): RetentionMetrics {
  const runs = metrics.counter('mainstay_retention_removed_runs_total');
  const seconds = metrics.counter('mainstay_retention_seconds_total');
  const oldest = metrics.gauge('mainstay_oldest_finished_run_age_seconds');
  return {
    removed: (count, tookMs) => {
      runs.inc(count);
      seconds.inc(tookMs / 1_000);
    },
    oldest: (ageMs) => {
      oldest.set(ageMs / 1_000);
    },
  };
}
