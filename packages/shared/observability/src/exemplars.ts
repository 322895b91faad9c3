import type { Histogram } from 'prom-client';
import { bucketOf } from './series-histogram.ts';
import { isSampled, traceIdOf } from './traceparent.ts';

/** The latest observation of a bucket that belongs to a sampled trace: from a spike in a graph to one of the requests that made it. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** With the place in the trace as it came: its id is cut out when it is shown. */
interface Slot {
  traceparent: string;
  value: number;
  at: number;
}

/** One series of a histogram. */
export interface TracedSeries {
  /** `traceparent`: where it belongs, of version 00 and checked. As an exemplar only what is sampled is kept: other traces are not there to be looked at. */
  observe(value: number, traceparent?: string): void;
}

interface Kept {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
  readonly latest: (Slot | undefined)[];
}

/** Keeps one exemplar per bucket of each series that asks for it. */
export class Exemplars {
  readonly #kept: Kept[] = [];

  /** Binds the series' labels once; what is observed within a sampled trace is kept until the next one in its bucket. */
  series<L extends string>(
    metric: string,
    histogram: Histogram<L>,
    labels: Readonly<Record<L, string>>,
    bounds: readonly number[],
  ): TracedSeries {
    const bound = histogram.labels(labels);
    const latest: (Slot | undefined)[] = [];
    this.#kept.push({ metric, labels, bounds, latest });
    return {
      observe(value, traceparent) {
        bound.observe(value);
        if (traceparent !== undefined && isSampled(traceparent)) keep(latest, bucketOf(bounds, value), traceparent, value);
      },
    };
  }

  /** What is kept, by name and labels of the bucket. */
  byBucket(): ReadonlyMap<string, Exemplar> {
    const all = new Map<string, Exemplar>();
    for (const { metric, labels, bounds, latest } of this.#kept)
      for (const [index, exemplar] of latest.entries())
        if (exemplar !== undefined) all.set(bucketKey(metric, { ...labels, le: String(bounds[index] ?? '+Inf') }), shown(exemplar));
    return all;
  }

  clear(): void {
    this.#kept.length = 0;
  }
}

/** In the object that is there: one for each observation would be old by the next collection of garbage. */
function keep(latest: (Slot | undefined)[], bucket: number, traceparent: string, value: number): void {
  const slot = latest[bucket];
  if (slot === undefined) {
    latest[bucket] = { traceparent, value, at: Date.now() };
    return;
  }
  slot.traceparent = traceparent;
  slot.value = value;
  slot.at = Date.now();
}

function shown({ traceparent, value, at }: Slot): Exemplar {
  return { traceId: traceIdOf(traceparent), value, at };
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
