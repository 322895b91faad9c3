import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { metricCatalogue } from './metric-names.ts';
import { processMetricCatalogue, type ProcessMetricName } from './process-metric-names.ts';

const GC_KINDS: ReadonlyMap<unknown, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** The event loop's delay is sampled so often, in milliseconds: each sample wakes the process. */
const LAG_RESOLUTION_MS = 100;

/**
 * The process's own metrics under their customary names. prom-client's default collection has no end (its observers
 * live as long as the process), so these are collected here; disposing ends them. Nothing keeps the process alive.
 */
export function collectProcessMetrics(registry: Registry): Disposable {
  const registers = [registry];
  const gauge = (name: ProcessMetricName, read: () => number) => {
    return new Gauge({
      name,
      help: processMetricCatalogue[name].help,
      registers,
      collect() {
        try {
          this.set(read());
        } catch {
          // The system tells some of it by files; without file handles the value of the look before stands.
        }
      },
    });
  };
  // once: it would be another number at each scrape, and look like a restart
  const startedAt = Date.now() / 1_000 - process.uptime();
  gauge('process_start_time_seconds', () => startedAt);
  gauge('process_resident_memory_bytes', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_total_bytes', () => getHeapStatistics().total_heap_size);
  gauge('nodejs_heap_size_used_bytes', () => getHeapStatistics().used_heap_size);
  gauge('nodejs_heap_size_limit_bytes', () => getHeapStatistics().heap_size_limit);
  gauge('nodejs_external_memory_bytes', () => getHeapStatistics().external_memory);
  gauge('nodejs_active_resources', () => process.getActiveResourcesInfo().length);
  gauge('nodejs_eventloop_utilization_ratio', loopUtilization());
  cpuSeconds(registry);
  const lag = eventLoopLag(registry);
  const gc = garbageCollection(registry);
  return {
    [Symbol.dispose]() {
      lag[Symbol.dispose]();
      gc[Symbol.dispose]();
    },
  };
}

/** Busy share since the call before. */
function loopUtilization(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}

function cpuSeconds(registry: Registry): void {
  let counted = 0;
  const name = 'process_cpu_seconds_total';
  new Counter({
    name,
    help: processMetricCatalogue[name].help,
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      this.inc(Math.max(0, seconds - counted));
      counted = seconds;
    },
  });
}

function eventLoopLag(registry: Registry): Disposable {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  const name = 'mainstay_event_loop_lag_seconds';
  new Gauge({
    name,
    help: metricCatalogue[name].help,
    registers: [registry],
    collect() {
      // samples include the sampling interval itself
      this.set(Math.max(0, delay.percentile(99) / 1e9 - LAG_RESOLUTION_MS / 1_000));
      delay.reset();
    },
  });
  return { [Symbol.dispose]: () => delay.disable() };
}

function garbageCollection(registry: Registry): Disposable {
  const name = 'nodejs_gc_duration_seconds';
  const { help, labels, buckets } = processMetricCatalogue[name];
  const histogram = new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      histogram.observe({ kind: gcKind('detail' in entry ? entry.detail : undefined) }, entry.duration / 1_000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    [Symbol.dispose]: () => {
      observer.disconnect();
    },
  };
}

function gcKind(detail: unknown): string {
  const kind = typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
  return GC_KINDS.get(kind) ?? 'other';
}
