import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { elapsed, oneAtATime, requireWhole } from './one-at-a-time.ts';

/** How the event loop of a process fared for a while. */
export interface EventLoopReport {
  readonly recordedMs: number;
  /** Share of the time in which it was busy, 0 to 1. */
  readonly utilization: number;
  /** How much later than asked for timers came, in milliseconds. */
  readonly lagMs: { readonly mean: number; readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** What keeps the process alive, by type. */
  readonly resources: Readonly<Record<string, number>>;
}

const RESOLUTION_MS = 5;
const NANOS = 1e6;

/** Watches the event loop of this process for 1,000 to 60,000 ms. Rejects as `captureCpuProfile` does. */
export async function reportEventLoop({
  ms = 10_000,
  signal,
}: { readonly ms?: number; readonly signal?: AbortSignal } = {}): Promise<EventLoopReport> {
  requireWhole('ms', ms, 1_000, 60_000);
  signal?.throwIfAborted();
  return await oneAtATime(ms, async () => {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    const before = performance.eventLoopUtilization();
    const begun = performance.now();
    histogram.enable();
    await elapsed(ms, signal);
    histogram.disable();
    signal?.throwIfAborted();
    // the histogram holds whole intervals: what is beyond the resolution was lag
    const lag = (nanos: number): number => round(Math.max(0, nanos / NANOS - RESOLUTION_MS));
    return {
      recordedMs: Math.round(performance.now() - begun),
      utilization: round(performance.eventLoopUtilization(before).utilization),
      lagMs: {
        mean: lag(histogram.mean),
        p50: lag(histogram.percentile(50)),
        p90: lag(histogram.percentile(90)),
        p99: lag(histogram.percentile(99)),
        max: lag(histogram.max),
      },
      resources: countOf(process.getActiveResourcesInfo()),
    };
  });
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
