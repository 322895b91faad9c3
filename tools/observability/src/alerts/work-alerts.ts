import { type AlertRule, gained } from '../rule.ts';

/** Workers count the same tasks: only those of orchestrators are final. */
const ENDED = 'mainstay_tasks_total{service="mainstay-orchestrator"}';
const DEAD = 'mainstay_tasks_total{service="mainstay-orchestrator",status="dead"}';

/** Whether runs get on. Every orchestrator shows all queues, so the largest value counts. */
export const workAlerts: readonly AlertRule[] = [
  {
    alert: 'NoProgress',
    severity: 'critical',
    expr: `sum(max by (agent) (mainstay_queue_depth)) > 0 unless on () (sum(rate(${ENDED}[5m])) > 0) unless on () (sum(max by (agent) (mainstay_queue_pending)) > 0)`,
    forMinutes: 5,
    runbook: 'no-progress',
    summary: '{{ $value }} tasks wait, no worker has one, and none has ended for 5 minutes.',
    test: {
      atMinute: 15,
      firing: { 'mainstay_queue_depth{agent="a"}': '3x30', 'mainstay_queue_pending{agent="a"}': '0x30' },
      quiet: { 'mainstay_queue_depth{agent="a"}': '3x30', 'mainstay_queue_pending{agent="a"}': '1x30' },
    },
  },
  {
    alert: 'StalledRuns',
    severity: 'error',
    expr: 'sum by (reason) (mainstay_stalled_runs{reason=~"overdue|silent"}) > 0',
    forMinutes: 2,
    runbook: 'stalled-runs',
    summary: 'Nothing advances on {{ $value }} runs: {{ $labels.reason }}.',
    test: {
      atMinute: 10,
      firing: { 'mainstay_stalled_runs{reason="overdue"}': '1x30' },
      quiet: { 'mainstay_stalled_runs{reason="overdue"}': '0x30', 'mainstay_stalled_runs{reason="undecided"}': '1x30' },
    },
  },
  {
    alert: 'DecisionsWait',
    severity: 'info',
    expr: 'sum(mainstay_stalled_runs{reason="undecided"}) > 0',
    forMinutes: 10,
    runbook: 'decisions-wait',
    summary: '{{ $value }} runs have waited long for the decision of a person.',
    test: {
      atMinute: 20,
      firing: { 'mainstay_stalled_runs{reason="undecided"}': '2x30' },
      quiet: { 'mainstay_stalled_runs{reason="undecided"}': '0x30' },
    },
  },
  {
    alert: 'TasksWaitLong',
    severity: 'warning',
    expr: 'max by (agent) (mainstay_oldest_waiting_task_age_seconds) > 300',
    forMinutes: 5,
    runbook: 'tasks-wait-long',
    summary: 'A task for {{ $labels.agent }} has waited {{ $value | humanizeDuration }} for a worker.',
    test: {
      atMinute: 10,
      firing: { 'mainstay_oldest_waiting_task_age_seconds{agent="a"}': '400+60x30' },
      quiet: { 'mainstay_oldest_waiting_task_age_seconds{agent="a"}': '20x30' },
    },
  },
  {
    alert: 'NoWorkers',
    severity: 'error',
    expr: 'max by (agent) (mainstay_unserved_tasks) > 0',
    forMinutes: 2,
    runbook: 'no-workers',
    summary: '{{ $value }} tasks for {{ $labels.agent }} wait, and no live worker offers it.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_unserved_tasks{agent="a"}': '2x30' },
      quiet: { 'mainstay_unserved_tasks{agent="a"}': '0x30' },
    },
  },
  {
    alert: 'DeadLetters',
    severity: 'warning',
    expr: gained(DEAD, '10m', ['agent']),
    forMinutes: 0,
    runbook: 'dead-letters',
    summary: 'Tasks for {{ $labels.agent }} failed for good; they are kept as dead letters.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_tasks_total{service="mainstay-orchestrator",status="dead",agent="a"}': '_x3 1x30' },
      quiet: {
        'mainstay_tasks_total{service="mainstay-orchestrator",status="succeeded",agent="a"}': '0+5x30',
        'mainstay_tasks_total{service="agents",status="failed",agent="a"}': '0+1x30',
      },
    },
  },
  {
    alert: 'TaskRetryStorm',
    severity: 'warning',
    expr: `sum by (agent) (rate(mainstay_task_retries_total[5m])) / sum by (agent) (rate(${ENDED}[5m])) > 0.5`,
    forMinutes: 10,
    runbook: 'task-retry-storm',
    summary: 'For each task of {{ $labels.agent }} that ends there are {{ $value | humanize }} failed attempts.',
    test: {
      atMinute: 30,
      firing: {
        'mainstay_task_retries_total{agent="a"}': '0+8x60',
        'mainstay_tasks_total{service="mainstay-orchestrator",status="succeeded",agent="a"}': '0+10x60',
      },
      quiet: {
        'mainstay_task_retries_total{agent="a"}': '0+1x60',
        'mainstay_tasks_total{service="mainstay-orchestrator",status="succeeded",agent="a"}': '0+10x60',
      },
    },
  },
  {
    alert: 'LeaseLosses',
    severity: 'warning',
    expr: 'sum(increase(mainstay_reclaimed_tasks_total[10m])) > 5',
    forMinutes: 0,
    runbook: 'lease-losses',
    summary: '{{ $value | humanize }} tasks were taken back from workers that died or went silent within 10 minutes.',
    test: {
      atMinute: 12,
      firing: { 'mainstay_reclaimed_tasks_total{reason="died"}': '0+2x30' },
      quiet: { 'mainstay_reclaimed_tasks_total{reason="died"}': '2x30' },
    },
  },
  {
    alert: 'StaleResults',
    severity: 'info',
    expr: 'sum(rate(mainstay_stale_results_total[10m])) > 1',
    forMinutes: 10,
    runbook: 'stale-results',
    summary: '{{ $value | humanize }} results a second come too late and are dropped.',
    test: { atMinute: 25, firing: { mainstay_stale_results_total: '0+120x60' }, quiet: { mainstay_stale_results_total: '0+6x60' } },
  },
  {
    alert: 'MessagesRefused',
    severity: 'error',
    expr: gained('mainstay_messages_refused_total', '10m', ['reason']),
    forMinutes: 0,
    runbook: 'messages-refused',
    summary: 'Messages between the processes are refused: {{ $labels.reason }}.',
    test: {
      atMinute: 5,
      firing: { 'mainstay_messages_refused_total{reason="MESSAGE_SIGNATURE_INVALID"}': '_x3 1x30' },
      quiet: { mainstay_workers: '1x30' },
    },
  },
];
