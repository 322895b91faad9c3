import { createMetrics } from '../metrics.ts';
import { spanMetrics } from '../tracing/span-metrics.ts';
import type { SpanRecord } from '../tracing/span-record.ts';
import { createTracing } from '../tracing/tracing.ts';

/**
 * A program that tells so many spans of 2 KiB to a receiver, over a second, and ends: `span-flood.ts <url> <spans> <close within ms>`.
 * Its last line says in JSON how long its end took, and what its metrics tell.
 */
const [url = '', spans = '0', closeMs = '0'] = process.argv.slice(2);
const metrics = createMetrics({ service: 'flood', processMetrics: false });
const failures: string[] = [];
const tracing = createTracing({
  service: 'flood',
  settings: {
    otlp: { url, headers: {}, timeoutMs: 250 },
    ...{ sampler: 'always_on', ratio: 1, keep: { errors: false, slowMs: undefined }, service: undefined, resource: {} },
    queue: { maxQueueSize: 2_048, maxBatchSize: 512, scheduleDelayMs: 50, exportTimeoutMs: 300 },
  },
  counts: spanMetrics(metrics),
  onFailure: (error) => failures.push(String(error)),
});
const slices = 20;
for (let slice = 0; slice < slices; slice++) {
  for (let n = 0; n < Number(spans) / slices; n++) tracing?.record(span(slice * 1_000_000 + n));
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const begun = performance.now();
await tracing?.close(Number(closeMs));
const closedMs = performance.now() - begun;
console.log(JSON.stringify({ closedMs, failures: failures.length, metrics: await metrics.text() }));

function span(n: number): SpanRecord {
  const spanId = (n + 1).toString(16).padStart(16, '0');
  const text = String(n).padEnd(2_048, 'x');
  return { traceId: 'a'.repeat(32), spanId, name: 'flood', kind: 'internal', startMs: 1, endMs: 2, attributes: { text } };
}
