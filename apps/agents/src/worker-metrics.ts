import type { WorkerMetrics } from '@mainstay/agent';
import type { Metrics } from '@mainstay/observability';

/** The worker's figures as metrics of the process. */
export function workerMetrics(metrics: Metrics): WorkerMetrics {
  const ended = metrics.counter('mainstay_tasks_total');
  const duration = metrics.histogram('mainstay_task_duration_seconds');
  const running = metrics.gauge('mainstay_worker_running');
  return {
    attemptEnded: ({ kind, status, durationMs }) => {
      ended.inc({ agent: kind, status });
      duration.observe({ agent: kind }, durationMs / 1_000);
    },
    running: (count) => {
      running.set(count);
    },
  };
}
