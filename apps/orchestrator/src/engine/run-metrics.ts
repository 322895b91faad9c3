import { type Metrics, zeroed } from '@mainstay/observability';
import type { JsonValue } from '@mainstay/types';
import { FINAL_RUN_STATUSES, type RunState, type RunStatus } from '../pipeline/model.ts';

/** What is counted of runs. */
export interface RunMetrics {
  began(run: RunState): void;
  ended(run: RunState): void;
}

export function runMetrics(metrics: Metrics): RunMetrics {
  zeroed(metrics.counter('mainstay_runs_total'), 'status', [...FINAL_RUN_STATUSES]);
  const startDelay = metrics.traced('mainstay_run_start_delay_seconds', {});
  const empty = metrics.counter('mainstay_empty_runs_total');
  const bind = (status: RunStatus) => ({
    total: metrics.tally('mainstay_runs_total', { status }),
    duration: metrics.traced('mainstay_run_duration_seconds', { status }),
  });
  const bound = new Map<RunStatus, ReturnType<typeof bind>>();
  const of = (status: RunStatus) => {
    const known = bound.get(status) ?? bind(status);
    bound.set(status, known);
    return known;
  };
  return {
    began: ({ createdAt, startedAt = createdAt, traceparent }) => {
      startDelay.observe(Math.max(0, startedAt - createdAt) / 1_000, traceparent);
    },
    ended: ({ status, createdAt, finishedAt = createdAt, output, traceparent }) => {
      const series = of(status);
      series.total.add();
      series.duration.observe(Math.max(0, finishedAt - createdAt) / 1_000, traceparent);
      if (status === 'succeeded' && isEmpty(output, 2)) empty.inc();
    },
  };
}

/** Nothing, or a container with nothing in it, so many levels deep: the usual output of a run is an object by stage. */
function isEmpty(value: JsonValue | undefined, levels: number): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  const values: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value);
  return values.length === 0 || (levels > 1 && values.every((inner) => isEmpty(inner, levels - 1)));
}
