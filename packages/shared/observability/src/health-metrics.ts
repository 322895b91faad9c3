import type { Metrics } from './metrics.ts';

/** What is shown of a process that watches itself; a `Hardening` fits. */
export interface WatchedProcess {
  health(): { readonly score: number; readonly emergency: boolean; readonly sample: { readonly memoryShare: number } };
}

/** Health and emergency of a process as gauges, read when they are asked for. */
export function exposeHealth(metrics: Metrics, process: WatchedProcess): void {
  const emergency = metrics.gauge('mainstay_emergency');
  const score = metrics.gauge('mainstay_health_score');
  const memory = metrics.gauge('mainstay_memory_share');
  metrics.onScrape(() => {
    const health = process.health();
    emergency.set(health.emergency ? 1 : 0);
    score.set(health.score);
    memory.set(health.sample.memoryShare);
  });
}
