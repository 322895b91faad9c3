import { type DashboardFacts, graph, quantile, rate, stat } from './panel-facts.ts';

const WORKERS = '{service="agents"}';

export const agents: DashboardFacts = {
  name: 'agents',
  title: 'Agents and workers',
  description: 'What agents do, how long it takes, and what they call. For their authors and for whoever runs workers.',
  rows: [
    {
      title: 'Workers',
      panels: [
        stat('Workers alive', 'short', 'max(mainstay_workers)', 'As an orchestrator sees them.', {
          runbooks: ['no-workers', 'process-down'],
        }),
        stat('Attempts running', 'short', 'sum(mainstay_worker_running)', 'In all workers.', { runbooks: ['no-progress'] }),
        stat('Least health', 'none', `min(mainstay_health_score${WORKERS})`, 'Of the workers.', {
          runbooks: ['health-low'],
          limits: [0.6, 0.3],
        }),
        stat('Emergencies', 'short', `sum(mainstay_emergency${WORKERS})`, 'Workers that shed work.', {
          runbooks: ['emergency'],
          limits: [1, 2],
        }),
      ],
    },
    {
      title: 'Attempts',
      panels: [
        graph(
          'Attempts that end',
          'ops',
          { '{{agent}} {{status}}': rate(`mainstay_tasks_total${WORKERS}`, ['agent', 'status']) },
          'At the workers, by kind and outcome.',
          ['dead-letters', 'task-retry-storm'],
        ),
        graph('Duration (95th percentile)', 's', { '{{agent}}': quantile(0.95, 'mainstay_task_duration_seconds', ['agent']) }, 'By kind.', [
          'tasks-wait-long',
        ]),
      ],
    },
    {
      title: 'Calls to the outside',
      panels: [
        graph(
          'Calls',
          'ops',
          { '{{call}} {{outcome}}': rate('mainstay_external_calls_total', ['call', 'outcome']) },
          'By name and outcome.',
          ['model-error-rate', 'breaker-open'],
        ),
        graph(
          'Duration (95th percentile)',
          's',
          { '{{call}}': quantile(0.95, 'mainstay_external_call_duration_seconds', ['call']) },
          'Retries included.',
          ['model-error-rate'],
        ),
        graph('Retries', 'ops', { '{{call}}': rate('mainstay_external_call_retries_total', ['call']) }, 'Of calls that failed.', [
          'model-error-rate',
        ]),
        graph(
          'Circuit breakers',
          'short',
          { '{{breaker}}': 'max by (breaker) (mainstay_breaker_state)' },
          '0 closed, 1 half open, 2 open.',
          ['breaker-open'],
        ),
      ],
    },
  ],
};
