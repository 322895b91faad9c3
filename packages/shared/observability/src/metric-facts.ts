/** What is declared of one metric. */
export interface MetricFacts {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Labels take few values: never ids, never text from outside. */
  readonly labels: readonly string[];
  /** Of the values; the name carries it. Absent: they are counts or states. */
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** Keeps the names and labels of a catalogue as types. */
export const defineMetrics = <const C extends Readonly<Record<string, MetricFacts>>>(catalogue: C): C => Object.freeze(catalogue);
