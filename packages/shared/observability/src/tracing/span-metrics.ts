import { zeroed } from '../zeroed.ts';
import type { Metrics } from '../metrics.ts';
import type { SpanCounts } from './span-exporter.ts';

/** Counts what becomes of spans. */
export function spanMetrics(metrics: Metrics): SpanCounts {
  const exported = metrics.counter('mainstay_spans_exported_total');
  const dropped = zeroed(metrics.counter('mainstay_spans_dropped_total'), 'reason', ['queue-full', 'failed', 'shutdown']);
  return {
    exported: (spans) => {
      exported.inc(spans);
    },
    dropped: (spans, reason) => {
      dropped.inc({ reason }, spans);
    },
  };
}
