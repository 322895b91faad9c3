import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const NS = 1_000_000;

/** By how much the timers of this process were late, that of {@link RESOLUTION_MS} in between not counted. */
export interface LagFigures {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How late this process itself was while it did that: what it measures is too long by no more. */
export async function withLag<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly lag: LagFigures }> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  try {
    const value = await work();
    const late = (ns: number): number => Math.max(0, ns / NS - RESOLUTION_MS);
    return { value, lag: { p99Ms: late(histogram.percentile(99)), maxMs: late(histogram.max) } };
  } finally {
    histogram.disable();
  }
}
