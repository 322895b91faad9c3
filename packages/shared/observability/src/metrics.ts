import { Counter, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { Exemplars, type TracedSeries } from './exemplars.ts';
import type { MetricFacts } from './metric-facts.ts';
import { type LabelOf, type MetricName, metricCatalogue, type NameOf } from './metric-names.ts';
import { OPEN_METRICS_TYPE, openMetricsText, wantsOpenMetrics } from './open-metrics.ts';
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
  /** One series of a histogram that keeps the trace of the latest observation in each bucket. */
  traced<N extends NameOf<'histogram'>>(name: N, labels: Readonly<Record<LabelOf<N>, string>>): TracedSeries;
  /** One series of a counter for what happens all the time: see {@link Tally}. It is there with the first scrape after the first one counted. */
  tally<N extends NameOf<'counter'>>(name: N, labels: Readonly<Record<LabelOf<N>, string>>): Tally;
  /** Calls this before each {@link text}: for gauges of what is at hand. It must not throw. */
  onScrape(read: () => void): void;
  /** All metrics in Prometheus' text format. */
  text(): Promise<string>;
  /** All metrics as the `Accept` header of a request wants them: OpenMetrics with exemplars where it is asked for, else {@link text}. */
  scrape(accept?: string): Promise<Scrape>;
  /** Ends the observation of the process and forgets all metrics. */
  close(): void;
}

/** Counts by itself and tells the counter at each scrape: a counter looks its series up each time, which costs a hundred times as much. */
export interface Tally {
  add(by?: number): void;
}

export interface Scrape {
  readonly text: string;
  readonly type: string;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const defaults = { service: options.service };
  registry.setDefaultLabels(defaults);
  const exemplars = new Exemplars();
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

  const histogram = <N extends NameOf<'histogram'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
    once<Histogram<LabelOf<N>>>(Histogram, name, () => new SeriesHistogram({ buckets: [], ...facts(name, help, labels) }));
  const read = (): void => {
    for (const reader of readers) reader();
  };

  const counter = <N extends NameOf<'counter'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
    once<Counter<LabelOf<N>>>(Counter, name, () => new Counter(facts(name, help, labels)));

  return {
    registry,
    contentType: registry.contentType,
    counter,
    gauge: <N extends NameOf<'gauge'>>(name: N, help?: string, labels?: readonly LabelOf<N>[]) =>
      once<Gauge<LabelOf<N>>>(Gauge, name, () => new Gauge(facts(name, help, labels))),
    histogram,
    traced: (name, labels) => exemplars.series(name, histogram(name), labels, metricCatalogue[name].buckets),
    tally: (name, labels) => {
      const told = counter(name);
      let count = 0;
      readers.push(() => {
        if (count > 0) told.inc(labels, count);
        count = 0;
      });
      return {
        add: (by = 1) => {
          count += by;
        },
      };
    },
    onScrape: (reader) => {
      readers.push(reader);
    },
    text() {
      read();
      return registry.metrics();
    },
    async scrape(accept) {
      read();
      if (!wantsOpenMetrics(accept)) return { text: await registry.metrics(), type: registry.contentType };
      return { text: openMetricsText(await registry.getMetricsAsJSON(), defaults, exemplars.byBucket()), type: OPEN_METRICS_TYPE };
    },
    close() {
      readers.length = 0;
      process?.[Symbol.dispose]();
      made.clear();
      exemplars.clear();
      registry.clear();
    },
  };
}
