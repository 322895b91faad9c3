import { defineMetrics } from './metric-facts.ts';

/** The metrics of every process, under the names that Prometheus' clients for Node use. */
export const processMetricCatalogue = defineMetrics({
  process_start_time_seconds: { type: 'gauge', help: 'Start of the process, seconds since 1970.', labels: [], unit: 'seconds' },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time, user and system.', labels: [], unit: 'seconds' },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory.', labels: [], unit: 'bytes' },
  nodejs_heap_size_total_bytes: { type: 'gauge', help: 'Heap reserved.', labels: [], unit: 'bytes' },
  nodejs_heap_size_used_bytes: { type: 'gauge', help: 'Heap used.', labels: [], unit: 'bytes' },
  nodejs_heap_size_limit_bytes: { type: 'gauge', help: 'Heap at which the process dies.', labels: [], unit: 'bytes' },
  nodejs_external_memory_bytes: { type: 'gauge', help: 'Memory outside of the heap.', labels: [], unit: 'bytes' },
  nodejs_active_resources: { type: 'gauge', help: 'Resources that keep the event loop alive.', labels: [] },
  nodejs_eventloop_utilization_ratio: {
    type: 'gauge',
    help: 'Share of time in which the event loop was busy, since the last scrape.',
    labels: [],
    unit: 'ratio',
  },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Time of garbage collections, by kind.',
    labels: ['kind'],
    unit: 'seconds',
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
});

export type ProcessMetricName = keyof typeof processMetricCatalogue;
