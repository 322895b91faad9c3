import { Counter, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import type { MetricFacts } from './metric-facts.ts';
import { type LabelOf, type MetricName, metricCatalogue, type NameOf } from './metric-names.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { SeriesHistogram } from './series-histogram.ts';

export interface MetricsOptions {
  /** Name of the program: the label `service` on every series. */
  readonly service: string;
  /** Metrics of the process itself (memory, CPU, event loop, garbage collection). Default true. */
  readonly processMetrics?: boolean;
}

/** The metrics of one process. Asking for the same metric again gives the same one. Help and labels default to the catalogue's. */
export interface Metrics {
  readonly registry: Registry;
  readonly contentType: string;
  counter<N extends NameOf<'counter'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]): Counter<LabelOf<N>>;
  gauge<N extends NameOf<'gauge'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]): Gauge<LabelOf<N>>;
  histogram<N extends NameOf<'histogram'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]): Histogram<LabelOf<N>>;
  /** Calls this before each {@link text}: for gauges of what is at hand. It must not throw. */
  onScrape(read: () => void): void;
  /** All metrics in Prometheus' text format. */
  text(): Promise<string>;
  /** Ends the observation of the process and forgets all metrics. */
  close(): void;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  const process = options.processMetrics === false ? undefined : collectProcessMetrics(registry);
  const made = new Map<MetricName, Metric>();
  const readers: (() => void)[] = [];

  /** Makes the metric unless it exists; `type` is the class that the name's facts promise. */
  function once<M extends Metric>(type: abstract new (...args: never[]) => M, name: MetricName, make: () => M): M {
    const existing = made.get(name);
    if (existing instanceof type) return existing;
    const metric = make();
    made.set(name, metric);
    return metric;
  }

  function facts<L extends string>(name: MetricName, help: string | undefined, labels: readonly L[] | undefined) {
    const declared: MetricFacts = metricCatalogue[name];
    const { buckets } = declared;
    return {
      name,
      help: help ?? declared.help,
      labelNames: labels ?? (declared.labels as readonly L[]),
      registers: [registry],
      ...(buckets === undefined ? {} : { buckets: [...buckets] }),
    };
  }

  return {
    registry,
    contentType: registry.contentType,
    counter: <N extends NameOf<'counter'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
      once<Counter<LabelOf<N>>>(Counter, name, () => new Counter(facts(name, help, labels))),
    gauge: <N extends NameOf<'gauge'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
      once<Gauge<LabelOf<N>>>(Gauge, name, () => new Gauge(facts(name, help, labels))),
    histogram: <N extends NameOf<'histogram'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
      once<Histogram<LabelOf<N>>>(Histogram, name, () => new SeriesHistogram({ buckets: [], ...facts(name, help, labels) })),
    onScrape: (read) => {
      readers.push(read);
    },
    text() {
      for (const read of readers) read();
      return registry.metrics();
    },
    close() {
      readers.length = 0;
      process?.[Symbol.dispose]();
      made.clear();
      registry.clear();
    },
  };
}
