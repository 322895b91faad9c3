import type { WorkerMetrics } from '@mainstay/agent';
import { boundedLabel, type Metrics, timingsOf, type TracedSeries } from '@mainstay/observability';

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** The worker's figures as metrics of the process. Names of calls are the agents'; beyond 100 they are counted together. */
export function workerMetrics(metrics: Metrics): WorkerMetrics {
  const ended = metrics.counter('mainstay_tasks_total');
  const durations = new Map<string, TracedSeries>();
  const durationOf = (agent: string): TracedSeries => {
    const made = durations.get(agent) ?? metrics.traced('mainstay_task_duration_seconds', { agent });
    durations.set(agent, made);
    return made;
  };
  const counted = new Map<string, { readonly agent: string; readonly status: string; count: number }>();
  // one call for all attempts since the last scrape
  metrics.onScrape(() => {
    for (const { agent, status, count } of counted.values()) ended.inc({ agent, status }, count);
    counted.clear();
  });
  const running = metrics.gauge('mainstay_worker_running');
  return {
    attemptEnded: ({ kind, status, durationMs, traceId }) => {
      const key = `${kind} ${status}`;
      const count = counted.get(key);
      if (count === undefined) counted.set(key, { agent: kind, status, count: 1 });
      else count.count += 1;
      durationOf(kind).observe(durationMs / 1_000, traceId);
    },
    running: (count) => {
      running.set(count);
    },
    ...callMetrics(metrics),
  };
}

function callMetrics(metrics: Metrics): Required<Pick<WorkerMetrics, 'callEnded' | 'callRetried' | 'breaker'>> {
  const calls = metrics.counter('mainstay_external_calls_total');
  const durations = timingsOf(metrics.histogram('mainstay_external_call_duration_seconds'), 'call');
  const retries = metrics.counter('mainstay_external_call_retries_total');
  const breakers = metrics.gauge('mainstay_breaker_state');
  const label = boundedLabel(100);
  const seen = new Set<string>();
  return {
    callEnded: ({ name, outcome, durationMs }) => {
      const call = label(name);
      if (!seen.has(call)) {
        seen.add(call);
        retries.inc({ call }, 0);
        for (const state of ['succeeded', 'failed', 'refused']) calls.inc({ call, outcome: state }, 0);
        breakers.inc({ breaker: call }, 0);
      }
      calls.inc({ call, outcome });
      durations(call, durationMs);
    },
    callRetried: (name) => {
      retries.inc({ call: label(name) });
    },
    breaker: (name, state) => {
      breakers.set({ breaker: label(name) }, BREAKER_STATES[state]);
    },
  };
}
