import { expect, test } from '@jest/globals';
import { createMetrics } from '@mainstay/observability';
import { workerMetrics } from './worker-metrics.ts';

test('a worker shows its attempts, and its calls to the outside by name and outcome', async () => {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const worker = workerMetrics(metrics);
  worker.attemptEnded?.({
    kind: 'noop',
    status: 'succeeded',
    durationMs: 20,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  worker.running?.(3);
  worker.breaker?.('search', 'closed');
  worker.callRetried?.('search');
  worker.callEnded?.({ name: 'search', outcome: 'failed', durationMs: 500 });
  worker.breaker?.('search', 'open');
  const text = await metrics.text();
  for (const line of [
    'mainstay_tasks_total{agent="noop",status="succeeded",service="test"} 1',
    'mainstay_worker_running{service="test"} 3',
    'mainstay_external_calls_total{call="search",outcome="failed",service="test"} 1',
    'mainstay_external_call_retries_total{call="search",service="test"} 1',
    'mainstay_external_call_duration_seconds_sum{service="test",call="search"} 0.5',
    'mainstay_breaker_state{breaker="search",service="test"} 2',
  ])
    expect(text).toContain(line);
});

test('names of calls that come from data do not make series without bound', async () => {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const worker = workerMetrics(metrics);
  for (let i = 0; i < 10_000; i++) worker.callEnded?.({ name: `user-${i}`, outcome: 'succeeded', durationMs: 1 });
  const series = (await metrics.text()).split('\n').filter((line) => line.startsWith('mainstay_external_calls_total{'));
  // three outcomes of each
  expect(series).toHaveLength(3 * 101);
});
