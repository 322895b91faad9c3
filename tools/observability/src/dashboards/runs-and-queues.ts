import { type DashboardFacts, graph, quantile, rate, stat } from './panel-facts.ts';

export const runsAndQueues: DashboardFacts = {
  name: 'runs-and-queues',
  title: 'Runs and queues',
  description: 'Does work advance, and where does it wait?',
  rows: [
    {
      title: 'Progress',
      panels: [
        stat('Tasks waiting', 'short', 'sum(max by (agent) (mainstay_queue_depth))', 'In all queues.', {
          runbooks: ['tasks-wait-long', 'no-progress'],
        }),
        stat('Tasks at workers', 'short', 'sum(max by (agent) (mainstay_queue_pending))', 'Taken and not ended.', {
          runbooks: ['no-progress'],
        }),
        stat('Oldest waiting task', 's', 'max(mainstay_oldest_waiting_task_age_seconds) or vector(0)', 'Since its dispatch.', {
          runbooks: ['tasks-wait-long'],
          limits: [60, 300],
        }),
        stat(
          'Tasks without workers',
          'short',
          'sum(max by (agent) (mainstay_unserved_tasks)) or vector(0)',
          'No live worker offers their kind.',
          {
            runbooks: ['no-workers'],
            limits: [1, 10],
          },
        ),
        graph(
          'Stalled runs',
          'short',
          { '{{reason}}': 'max by (reason) (mainstay_stalled_runs)' },
          'Overdue, silent, or undecided by a person.',
          ['stalled-runs', 'decisions-wait'],
        ),
        graph(
          'Queue depth',
          'short',
          { '{{agent}}': 'max by (agent) (mainstay_queue_depth)' },
          'Tasks that wait for a worker, by kind of agent.',
          ['tasks-wait-long', 'no-workers'],
        ),
      ],
    },
    {
      title: 'Durations',
      panels: [
        graph(
          'Runs',
          's',
          { p50: quantile(0.5, 'mainstay_run_duration_seconds'), p95: quantile(0.95, 'mainstay_run_duration_seconds') },
          'From creation to end.',
          ['stalled-runs'],
        ),
        graph(
          'Start delay',
          's',
          { p50: quantile(0.5, 'mainstay_run_start_delay_seconds'), p99: quantile(0.99, 'mainstay_run_start_delay_seconds') },
          'From creation to begin: grows with concurrency limits and with overload.',
          ['start-delay-burns'],
        ),
      ],
    },
    {
      title: 'Engine',
      panels: [
        graph(
          'Batches: size',
          'short',
          { mean: `${rate('mainstay_batch_size_sum')} / ${rate('mainstay_batch_size_count')}` },
          'Worker messages per transaction: grows with load.',
          ['slow-commits'],
        ),
        graph(
          'Batches: time to commit',
          's',
          { p50: quantile(0.5, 'mainstay_commit_duration_seconds'), p99: quantile(0.99, 'mainstay_commit_duration_seconds') },
          'Of a whole batch.',
          ['slow-commits'],
        ),
        graph(
          'Taken back and dispatched again',
          'ops',
          {
            'taken back: {{reason}}': rate('mainstay_reclaimed_tasks_total', ['reason']),
            'dispatched again: {{reason}}': rate('mainstay_redispatched_tasks_total', ['reason']),
          },
          'Workers that died or fell silent; queues that were lost.',
          ['lease-losses', 'redis-down'],
        ),
        graph(
          'Retries and stale results',
          'ops',
          { retries: rate('mainstay_task_retries_total'), 'stale results': rate('mainstay_stale_results_total') },
          'Failed attempts that wait for another; results that came too late.',
          ['task-retry-storm', 'stale-results'],
        ),
        graph(
          'Results',
          'percentunit',
          { 'without a result': `${rate('mainstay_empty_runs_total')} / ${rate('mainstay_runs_total{status="succeeded"}')}` },
          'Share of the runs that succeed with nothing in their output.',
          ['zero-result-rate'],
        ),
        graph(
          'Retention',
          'short',
          {
            'runs removed': rate('mainstay_retention_removed_runs_total'),
            'oldest finished run, days': 'max(mainstay_oldest_finished_run_age_seconds) / 86400',
          },
          'Finished runs are removed by age.',
          ['slow-statements'],
        ),
      ],
    },
  ],
};
