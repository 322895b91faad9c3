import { Histogram, type HistogramConfiguration } from 'prom-client';

type Labels<L extends string> = Partial<Record<L, string | number>>;

/** What was observed under one set of labels. */
interface Series<L extends string> {
  readonly labels: Labels<L>;
  /** By bucket, not added up; the last one is of what is above all bounds. */
  readonly counts: number[];
  sum: number;
  count: number;
  /** It is left out until something was observed. */
  shown: boolean;
}

/** As the registry writes it: the labels of a series are written once for all of its lines. */
interface Line<L extends string> {
  readonly labels: { readonly le?: number | '+Inf' };
  readonly sharedLabels: Labels<L>;
  readonly value: number;
  readonly metricName: string;
}

/**
 * A histogram whose observations only count: that of prom-client checks and hashes the labels at every one, also of bound series, and keeps
 * buckets under their bounds as texts, which costs ten times as much. The labels are checked when a series is asked for. No exemplars.
 */
export class SeriesHistogram<L extends string> extends Histogram<L> {
  readonly #config: Pick<HistogramConfiguration<L>, 'name' | 'help' | 'labelNames'>;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series<L>>();
  /** Of the empty set of labels. */
  #plain: Series<L> | undefined;

  constructor(config: Omit<HistogramConfiguration<L>, 'buckets'> & { readonly buckets: readonly number[] }) {
    super({ ...config, buckets: [...config.buckets] });
    this.#config = config;
    this.#bounds = config.buckets;
    if (config.labelNames === undefined || config.labelNames.length === 0) this.zero({});
    // prom-client puts its own on each histogram
    this.observe = (first: unknown, value?: number) => {
      if (typeof first === 'number') this.#add((this.#plain ??= this.#checked({})), first);
      else this.#add(this.#checked(first as Labels<L>), value ?? Number.NaN);
    };
  }

  override labels(...given: readonly (string | Labels<L>)[]): Histogram.Internal<L> {
    const labels = labelsOf(this.#config.labelNames ?? [], given);
    const series = this.#checked(labels);
    return {
      observe: (value) => {
        this.#add(series, value);
      },
      startTimer: () => this.startTimer(labels),
    };
  }

  override zero(labels: Labels<L>): void {
    clear(this.#checked(labels), true);
  }

  override reset(): void {
    super.reset();
    // the constructor of prom-client calls it before there is anything here
    if (#series in this) for (const series of this.#series.values()) clear(series, false);
  }

  override remove(...given: readonly (string | Labels<L>)[]): void {
    clear(this.#checked(labelsOf(this.#config.labelNames ?? [], given)), false);
  }

  /** What the registry asks for when it writes text; prom-client's `get` asks for the same, and puts the labels together. */
  getForPromString(): Promise<object> {
    const { name, help } = this.#config;
    return Promise.resolve({ name, help, type: 'histogram', values: this.#lines(), aggregator: 'sum' });
  }

  #add(series: Series<L>, value: number): void {
    if (!Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${value}`);
    const bucket = bucketOf(this.#bounds, value);
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count += 1;
    series.shown = true;
  }

  #checked(labels: Labels<L>): Series<L> {
    return this.#series.get(this.#keyOf(labels)) ?? this.#new(labels);
  }

  #new(labels: Labels<L>): Series<L> {
    // throws for labels that are not declared
    super.labels(labels);
    const counts = Array.from({ length: this.#bounds.length + 1 }, () => 0);
    const series: Series<L> = { labels: { ...labels }, counts, sum: 0, count: 0, shown: false };
    this.#series.set(this.#keyOf(labels), series);
    return series;
  }

  /** Labels that are not declared make a key of their own, under which there is nothing: so they are checked. */
  #keyOf(labels: Labels<L>): string {
    const names = Object.keys(labels) as L[];
    const [only] = names;
    if (names.length === 1 && only !== undefined) return `${only}\n${labels[only] ?? ''}`;
    return names.toSorted().reduce((key, name) => `${key}${name}\n${labels[name] ?? ''}\n`, '');
  }

  #lines(): Line<L>[] {
    const { name } = this.#config;
    return [...this.#series.values()].flatMap(({ labels: sharedLabels, counts, sum, count, shown }) => {
      if (!shown) return [];
      let below = 0;
      const buckets = this.#bounds.map((le, index): Line<L> => {
        below += counts[index] ?? 0;
        return { labels: { le }, sharedLabels, value: below, metricName: `${name}_bucket` };
      });
      return [
        ...buckets,
        { labels: { le: '+Inf' }, sharedLabels, value: count, metricName: `${name}_bucket` },
        { labels: {}, sharedLabels, value: sum, metricName: `${name}_sum` },
        { labels: {}, sharedLabels, value: count, metricName: `${name}_count` },
      ];
    });
  }
}

/** Index of the bucket that a value belongs to; that of what is above all bounds comes last. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
  return bucket;
}

function clear<L extends string>(series: Series<L>, shown: boolean): void {
  series.counts.fill(0);
  series.sum = series.count = 0;
  series.shown = shown;
}

/** Labels are given by name, or their values in the declared order. */
function labelsOf<L extends string>(names: readonly L[], given: readonly (string | Labels<L>)[]): Labels<L> {
  const [first] = given;
  if (typeof first === 'object') return first;
  return Object.fromEntries(names.map((name, index) => [name, given[index]])) as Labels<L>;
}
