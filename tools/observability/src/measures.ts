/** Something that operators ask for, and where it is. */
export interface Measure {
  readonly asked: string;
  /** PromQL over what there is; or the feature that brings it. */
  readonly answer: { readonly expr: string } | { readonly arrivesWith: string };
}

const WORK = 'service="mainstay-orchestrator"';
const REQUESTS = 'mainstay_http_request_duration_seconds_bucket';

export const measures: readonly Measure[] = [
  { asked: 'System uptime', answer: { expr: 'time() - process_start_time_seconds' } },
  { asked: 'Request rate', answer: { expr: 'sum(rate(mainstay_http_requests_total[5m]))' } },
  { asked: 'Response times', answer: { expr: REQUESTS } },
  {
    asked: 'Latency: p95; p50 and p99 with 0.5 and 0.99',
    answer: { expr: `histogram_quantile(0.95, sum by (le) (rate(${REQUESTS}[5m])))` },
  },
  { asked: 'Throughput', answer: { expr: `rate(mainstay_runs_total[5m])` } },
  { asked: 'Error rates', answer: { expr: 'mainstay:slo_error_ratio:rate5m' } },
  { asked: 'Success rate', answer: { expr: `mainstay_tasks_total{${WORK}}` } },
  { asked: 'Agent task completion rate', answer: { expr: `sum by (agent, status) (rate(mainstay_tasks_total{${WORK}}[5m]))` } },
  { asked: 'Pipeline success and failure rate', answer: { expr: 'sum by (status) (rate(mainstay_runs_total[5m]))' } },
  { asked: 'Database query performance', answer: { expr: 'mainstay_postgres_statement_duration_seconds_bucket' } },
  { asked: 'Redis operation latency', answer: { expr: 'mainstay_redis_call_duration_seconds_bucket' } },
  { asked: 'Memory use', answer: { expr: 'process_resident_memory_bytes' } },
  { asked: 'CPU use', answer: { expr: 'rate(process_cpu_seconds_total[5m])' } },
  { asked: 'Concurrency', answer: { expr: 'mainstay_worker_running' } },
  { asked: 'Cache performance', answer: { expr: 'mainstay_cache_requests_total' } },
  { asked: 'Health score', answer: { expr: 'mainstay_health_score' } },
  { asked: 'Active alerts', answer: { expr: 'ALERTS{alertstate="firing"}' } },
  { asked: 'Recovery events', answer: { expr: 'mainstay_reclaimed_tasks_total' } },
  { asked: 'Security: refused callers', answer: { expr: 'mainstay_http_requests_total{status=~"401|403"}' } },
  { asked: 'Security: forged or broken messages', answer: { expr: 'mainstay_messages_refused_total' } },
  { asked: '`capacity_utilization_percent{resource_type}`', answer: { expr: 'capacity_utilization_percent' } },
  { asked: 'Growth of requests', answer: { expr: 'sum(rate(mainstay_http_requests_total[1h]))' } },
  { asked: 'Growth of users, data and storage; forecasts', answer: { arrivesWith: 'capacity planning' } },
  { asked: '`backup_executions_total{type,status}`', answer: { arrivesWith: 'backups' } },
  { asked: '`backup_restoration_time_seconds`, age of the last backup, RTO and RPO', answer: { arrivesWith: 'backups' } },
  { asked: '`incidents_total{severity}`', answer: { arrivesWith: 'incidents' } },
  { asked: '`incident_resolution_time_seconds{severity}`', answer: { arrivesWith: 'incidents' } },
  { asked: 'Trends of incidents, workload on call', answer: { arrivesWith: 'incidents' } },
  { asked: 'Threats detected, events audited', answer: { arrivesWith: 'the audit log' } },
];

/** The table of docs/OBSERVABILITY.md. */
export function measuresTable(): string {
  const rows = measures.map(({ asked, answer }) => {
    const where = 'expr' in answer ? `\`${answer.expr.replaceAll('|', '\\|')}\`` : `comes with ${answer.arrivesWith}`;
    return `| ${asked} | ${where} |`;
  });
  return ['| asked for | where it is |', '| --- | --- |', ...rows].join('\n');
}
