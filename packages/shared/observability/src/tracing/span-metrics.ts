import type { Metrics } from '../metrics.ts';
import type { SpanCounts } from './span-exporter.ts';

/** Counts what becomes of spans. */
export function spanMetrics(metrics: Metrics): SpanCounts {
  const exported = metrics.counter('mainstay_spans_exported_total');
  const dropped = metrics.counter('mainstay_spans_dropped_total');
  return {
    exported: (spans) => {
      exported.inc(spans);
    },
    dropped: (spans, reason) => {
      dropped.inc({ reason }, spans);
    },
  };
}
