import type { Histogram } from 'prom-client';

/** Observes a time in milliseconds under the label's value. */
export type Timings = (value: string, durationMs: number) => void;

/**
 * Times of a histogram in seconds with one label, each series bound once: looking a series up costs more than the observation.
 * The values must be few.
 */
export function timingsOf<L extends string>(histogram: Histogram<L>, label: L): Timings {
  const series = new Map<string, Histogram.Internal<L>>();
  const bind = (value: string): Histogram.Internal<L> => {
    const made = histogram.labels({ [label]: value } as Record<L, string>);
    series.set(value, made);
    return made;
  };
  return (value, durationMs) => {
    (series.get(value) ?? bind(value)).observe(durationMs / 1_000);
  };
}
