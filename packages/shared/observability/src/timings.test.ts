import { expect, test } from '@jest/globals';
import { createMetrics } from './metrics.ts';
import { timingsOf } from './timings.ts';

test('timings go to the series of their value, in seconds', async () => {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const observe = timingsOf(metrics.histogram('mainstay_postgres_statement_duration_seconds'), 'statement');
  observe('commit', 2);
  observe('commit', 30);
  observe('create', 4_000);
  const text = await metrics.text();
  expect(text).toContain('mainstay_postgres_statement_duration_seconds_sum{service="test",statement="commit"} 0.032');
  expect(text).toContain('mainstay_postgres_statement_duration_seconds_count{service="test",statement="commit"} 2');
  expect(text).toContain('mainstay_postgres_statement_duration_seconds_sum{service="test",statement="create"} 4');
});
