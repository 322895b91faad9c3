import type { WorkerMetrics } from '@mainstay/agent';
import { boundedLabel, type Metrics, type Tally, timingsOf, type TracedSeries } from '@mainstay/observability';

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

interface AttemptsOfKind {
  readonly durations: TracedSeries;
  /** By status. */
  readonly counts: Map<string, Tally>;
}

/** The worker's figures as metrics of the process. Names of calls are the agents'; beyond 100 they are counted together. */
export function workerMetrics(metrics: Metrics): WorkerMetrics {
  const kinds = new Map<string, AttemptsOfKind>();
  const ofKind = (agent: string): AttemptsOfKind => {
    const made = { durations: metrics.traced('mainstay_task_duration_seconds', { agent }), counts: new Map<string, Tally>() };
    kinds.set(agent, made);
    return made;
  };
  const running = metrics.gauge('mainstay_worker_running');
  let runs = 0;
  metrics.onScrape(() => {
    running.set(runs);
  });
  return {
    attemptEnded: ({ kind, status, durationMs, traceparent }) => {
      const { durations, counts } = kinds.get(kind) ?? ofKind(kind);
      let count = counts.get(status);
      if (count === undefined) counts.set(status, (count = metrics.tally('mainstay_tasks_total', { agent: kind, status })));
      count.add();
      durations.observe(durationMs / 1_000, traceparent);
    },
    running: (count) => {
      runs = count;
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
