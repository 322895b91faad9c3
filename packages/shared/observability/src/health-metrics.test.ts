import { expect, test } from '@jest/globals';
import { exposeHealth } from './health-metrics.ts';
import { createMetrics } from './metrics.ts';

test('health and emergency are those of the moment of the scrape', async () => {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  let health = { score: 1, emergency: false, sample: { memoryShare: 0.25 } };
  exposeHealth(metrics, { health: () => health });
  expect(await metrics.text()).toMatch(/^mainstay_emergency\{.*\} 0$/m);
  health = { score: 0.2, emergency: true, sample: { memoryShare: 0.97 } };
  const text = await metrics.text();
  expect(text).toMatch(/^mainstay_emergency\{.*\} 1$/m);
  expect(text).toMatch(/^mainstay_health_score\{.*\} 0.2$/m);
  expect(text).toMatch(/^mainstay_memory_share\{.*\} 0.97$/m);
});
