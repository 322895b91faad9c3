import type { Histogram } from 'prom-client';

/** The latest observation of a bucket that belongs to a trace: from a spike in a graph to one of the requests that made it. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Seconds since 1970. */
  readonly at: number;
}

/** One series of a histogram. */
export interface TracedSeries {
  observe(value: number, traceId?: string): void;
}

interface Kept {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
  readonly latest: (Exemplar | undefined)[];
}

/** Keeps one exemplar per bucket of each series that asks for it. */
export class Exemplars {
  readonly #kept: Kept[] = [];

  /** Binds the series' labels once; what is observed with a trace id is kept until the next one in its bucket. */
  series<L extends string>(
    metric: string,
    histogram: Histogram<L>,
    labels: Readonly<Record<L, string>>,
    bounds: readonly number[],
  ): TracedSeries {
    const bound = histogram.labels(labels);
    const latest: (Exemplar | undefined)[] = [];
    this.#kept.push({ metric, labels, bounds, latest });
    return {
      observe(value, traceId) {
        bound.observe(value);
        if (traceId !== undefined) latest[bucketOf(bounds, value)] = { traceId, value, at: Date.now() / 1_000 };
      },
    };
  }

  /** What is kept, by name and labels of the bucket. */
  byBucket(): ReadonlyMap<string, Exemplar> {
    const all = new Map<string, Exemplar>();
    for (const { metric, labels, bounds, latest } of this.#kept)
      for (const [index, exemplar] of latest.entries())
        if (exemplar !== undefined) all.set(bucketKey(metric, { ...labels, le: String(bounds[index] ?? '+Inf') }), exemplar);
    return all;
  }

  clear(): void {
    this.#kept.length = 0;
  }
}

function bucketOf(bounds: readonly number[], value: number): number {
  const index = bounds.findIndex((bound) => value <= bound);
  return index === -1 ? bounds.length : index;
}

/** The same for the same labels in any order. */
export function bucketKey(metric: string, labels: Readonly<Record<string, string | number>>): string {
  return JSON.stringify([
    metric,
    ...Object.entries(labels)
      .map(([name, value]) => [name, String(value)])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  ]);
}
