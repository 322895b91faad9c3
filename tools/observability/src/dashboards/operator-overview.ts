import { type DashboardFacts, graph, quantile, rate, stat } from './panel-facts.ts';

const ENDED = 'mainstay_tasks_total{service="mainstay-orchestrator"}';

export const operatorOverview: DashboardFacts = {
  name: 'operator-overview',
  title: 'Operator overview',
  description: 'Is it well, and if not, where? For whoever is on call.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Alerts firing',
          'short',
          'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)',
          'All that fire now, whatever their severity.',
          {
            runbooks: ['alert-lasts'],
            limits: [1, 5],
          },
        ),
        stat('Processes up', 'percentunit', 'avg(up{job=~"mainstay.*"})', 'Share of the processes that Prometheus reaches.', {
          runbooks: ['process-down'],
          limits: [1, 0.5],
        }),
        stat('Worst health', 'none', 'min(mainstay_health_score)', 'The least of all processes: 1 is well, below 0.3 is an emergency.', {
          runbooks: ['health-low', 'emergency'],
          limits: [0.6, 0.3],
        }),
        stat('Stalled runs', 'short', 'sum(max by (reason) (mainstay_stalled_runs))', 'Runs on which nothing advances.', {
          runbooks: ['stalled-runs', 'decisions-wait'],
          limits: [1, 10],
        }),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        graph(
          'Requests',
          'reqps',
          { '{{status}}': rate('mainstay_http_requests_total', ['status']) },
          'Answers of the API by status. 5xx are ours.',
          ['high-error-rate'],
        ),
        graph(
          'Latency of requests',
          's',
          {
            p50: quantile(0.5, 'mainstay_http_request_duration_seconds'),
            p95: quantile(0.95, 'mainstay_http_request_duration_seconds'),
            p99: quantile(0.99, 'mainstay_http_request_duration_seconds'),
          },
          'Until the end of the answer; streams are left out. Exemplars lead to traces.',
          ['high-latency'],
        ),
        graph('Runs that end', 'ops', { '{{status}}': rate('mainstay_runs_total', ['status']) }, 'By outcome.', ['run-success-burns']),
        graph(
          'Tasks that end',
          'ops',
          { '{{status}}': rate(ENDED, ['status']) },
          'At the orchestrators, by outcome. Dead ones are kept as dead letters.',
          ['dead-letters', 'no-progress'],
        ),
      ],
    },
  ],
};
