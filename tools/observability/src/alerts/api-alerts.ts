import type { AlertRule } from '../rule.ts';

const ORCHESTRATOR = 'service="mainstay-orchestrator"';

/** What callers of the API notice. */
export const apiAlerts: readonly AlertRule[] = [
  {
    alert: 'HighLatency',
    severity: 'error',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(mainstay_http_request_duration_seconds_bucket[5m]))) > 0.5',
    forMinutes: 5,
    runbook: 'high-latency',
    summary: 'One request of a hundred takes longer than {{ $value | humanizeDuration }}; 500 ms is the limit.',
    test: {
      atMinute: 20,
      firing: {
        'mainstay_http_request_duration_seconds_bucket{le="0.5"}': '0+50x30',
        'mainstay_http_request_duration_seconds_bucket{le="1"}': '0+100x30',
        'mainstay_http_request_duration_seconds_bucket{le="+Inf"}': '0+100x30',
      },
      quiet: {
        'mainstay_http_request_duration_seconds_bucket{le="0.5"}': '0+100x30',
        'mainstay_http_request_duration_seconds_bucket{le="+Inf"}': '0+100x30',
      },
    },
  },
  {
    alert: 'HighErrorRate',
    severity: 'error',
    expr: 'sum(rate(mainstay_http_requests_total{status=~"5.."}[5m])) / sum(rate(mainstay_http_requests_total[5m])) > 0.01',
    forMinutes: 5,
    runbook: 'high-error-rate',
    summary: '{{ $value | humanizePercentage }} of the requests are answered with a server error; 1 % is the limit.',
    test: {
      atMinute: 20,
      firing: { 'mainstay_http_requests_total{status="200"}': '0+90x30', 'mainstay_http_requests_total{status="500"}': '0+10x30' },
      quiet: { 'mainstay_http_requests_total{status="200"}': '0+1000x30', 'mainstay_http_requests_total{status="500"}': '0+1x30' },
    },
  },
  {
    alert: 'ZeroResultRate',
    severity: 'warning',
    expr: 'sum(rate(mainstay_empty_runs_total[15m])) / sum(rate(mainstay_runs_total{status="succeeded"}[15m])) > 0.1',
    forMinutes: 15,
    runbook: 'zero-result-rate',
    summary: '{{ $value | humanizePercentage }} of the runs that succeed have no result; 10 % is the limit.',
    test: {
      atMinute: 40,
      firing: { mainstay_empty_runs_total: '0+3x60', 'mainstay_runs_total{status="succeeded"}': '0+10x60' },
      quiet: { mainstay_empty_runs_total: '0+1x60', 'mainstay_runs_total{status="succeeded"}': '0+20x60' },
    },
  },
  {
    alert: 'CacheHitRateLow',
    severity: 'warning',
    expr: 'sum by (cache) (rate(mainstay_cache_requests_total{result="hit"}[10m])) / sum by (cache) (rate(mainstay_cache_requests_total[10m])) < 0.5 and sum by (cache) (rate(mainstay_cache_requests_total[10m])) > 5',
    forMinutes: 10,
    runbook: 'cache-hit-rate',
    summary: 'The cache {{ $labels.cache }} has {{ $value | humanizePercentage }} of what it is asked for; 50 % is the limit.',
    test: {
      atMinute: 30,
      firing: {
        'mainstay_cache_requests_total{cache="api-keys",result="hit"}': '0+100x60',
        'mainstay_cache_requests_total{cache="api-keys",result="miss"}': '0+500x60',
      },
      quiet: {
        'mainstay_cache_requests_total{cache="api-keys",result="hit"}': '0+500x60',
        'mainstay_cache_requests_total{cache="api-keys",result="miss"}': '0+100x60',
      },
    },
  },
  {
    alert: 'ModelErrorRate',
    severity: 'warning',
    expr: 'sum by (call) (rate(mainstay_external_calls_total{call=~"model.*",outcome=~"failed|refused"}[5m])) / sum by (call) (rate(mainstay_external_calls_total{call=~"model.*",outcome!="cancelled"}[5m])) > 0.01',
    forMinutes: 5,
    runbook: 'model-error-rate',
    summary: '{{ $value | humanizePercentage }} of the calls {{ $labels.call }} to a model fail; 1 % is the limit.',
    test: {
      atMinute: 20,
      firing: {
        'mainstay_external_calls_total{call="model.chat",outcome="succeeded"}': '0+50x30',
        'mainstay_external_calls_total{call="model.chat",outcome="failed"}': '0+5x30',
      },
      quiet: {
        'mainstay_external_calls_total{call="model.chat",outcome="succeeded"}': '0+500x30',
        'mainstay_external_calls_total{call="model.chat",outcome="failed"}': '0+1x30',
      },
    },
  },
  {
    alert: 'ProcessDown',
    severity: 'critical',
    expr: 'up{job=~"mainstay.*"} == 0',
    forMinutes: 1,
    runbook: 'process-down',
    summary: 'Prometheus does not reach {{ $labels.instance }} of {{ $labels.job }}.',
    test: {
      atMinute: 10,
      firing: { 'up{job="mainstay-workers",instance="a"}': '0x30' },
      quiet: { 'up{job="mainstay-workers",instance="a"}': '1x30', 'up{job="other",instance="b"}': '0x30' },
    },
  },
  {
    alert: 'ProcessRestarts',
    severity: 'warning',
    expr: 'changes(process_start_time_seconds[15m]) > 2',
    forMinutes: 0,
    runbook: 'process-restarts',
    summary: '{{ $labels.instance }} ({{ $labels.service }}) was restarted {{ $value }} times within a quarter of an hour.',
    test: {
      atMinute: 14,
      firing: { [`process_start_time_seconds{${ORCHESTRATOR}}`]: '100+200x30' },
      quiet: { [`process_start_time_seconds{${ORCHESTRATOR}}`]: '100x30' },
    },
  },
  {
    alert: 'Emergency',
    severity: 'critical',
    expr: 'mainstay_emergency > 0',
    forMinutes: 0,
    runbook: 'emergency',
    summary: '{{ $labels.instance }} ({{ $labels.service }}) is in an emergency and sheds work.',
    test: { atMinute: 5, firing: { mainstay_emergency: '1x30' }, quiet: { mainstay_emergency: '0x30' } },
  },
  {
    alert: 'HealthLow',
    severity: 'warning',
    expr: 'mainstay_health_score < 0.6',
    forMinutes: 5,
    runbook: 'health-low',
    summary: 'The health of {{ $labels.instance }} ({{ $labels.service }}) is {{ $value | humanize }} of 1.',
    test: { atMinute: 10, firing: { mainstay_health_score: '0.4x30' }, quiet: { mainstay_health_score: '0.95x30' } },
  },
  {
    alert: 'EventLoopLag',
    severity: 'warning',
    expr: 'mainstay_event_loop_lag_seconds > 0.2',
    forMinutes: 5,
    runbook: 'event-loop-lag',
    summary: 'The event loop of {{ $labels.instance }} ({{ $labels.service }}) is {{ $value | humanizeDuration }} late.',
    test: { atMinute: 10, firing: { mainstay_event_loop_lag_seconds: '0.4x30' }, quiet: { mainstay_event_loop_lag_seconds: '0.05x30' } },
  },
  {
    alert: 'EventLoopBusy',
    severity: 'info',
    expr: 'nodejs_eventloop_utilization_ratio > 0.9',
    forMinutes: 15,
    runbook: 'event-loop-busy',
    summary: 'The event loop of {{ $labels.instance }} ({{ $labels.service }}) is busy {{ $value | humanizePercentage }} of the time.',
    test: {
      atMinute: 20,
      firing: { nodejs_eventloop_utilization_ratio: '0.97x30' },
      quiet: { nodejs_eventloop_utilization_ratio: '0.5x30' },
    },
  },
  {
    alert: 'HeapNearLimit',
    severity: 'error',
    expr: 'nodejs_heap_size_used_bytes / nodejs_heap_size_limit_bytes > 0.9',
    forMinutes: 3,
    runbook: 'heap-near-limit',
    summary: 'The heap of {{ $labels.instance }} ({{ $labels.service }}) is full to {{ $value | humanizePercentage }}.',
    test: {
      atMinute: 10,
      firing: { nodejs_heap_size_used_bytes: '95x30', nodejs_heap_size_limit_bytes: '100x30' },
      quiet: { nodejs_heap_size_used_bytes: '60x30', nodejs_heap_size_limit_bytes: '100x30' },
    },
  },
];
