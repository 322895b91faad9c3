import { describe, expect, test } from '@jest/globals';
import { sampleOf } from './metrics.ts';

const text = `# HELP mainstay_batch_size Worker messages per transaction.
# TYPE mainstay_batch_size histogram
mainstay_batch_size_bucket{le="1",service="s"} 4
mainstay_batch_size_sum{service="s"} 120
mainstay_batch_size_count{service="s"} 8
mainstay_tasks_total{agent="a",status="succeeded"} 3
mainstay_tasks_total{agent="b",status="dead"} 1
mainstay_workers 2
`;

describe('sampleOf', () => {
  test('reads a metric with labels, without, and sums up those of several labels', () => {
    expect(sampleOf(text, 'mainstay_batch_size_sum')).toBe(120);
    expect(sampleOf(text, 'mainstay_workers')).toBe(2);
    expect(sampleOf(text, 'mainstay_tasks_total')).toBe(4);
  });

  test('takes no metric for another whose name begins alike', () => {
    expect(sampleOf(text, 'mainstay_batch_size')).toBeUndefined();
    expect(sampleOf(text, 'mainstay_batch')).toBeUndefined();
  });
});
