/** Live heap right after a major collection. */
export interface HeapPoint {
  readonly atMs: number;
  readonly bytes: number;
}

export interface LeakOptions {
  /** Fewer points say nothing. Default 12. */
  readonly minPoints?: number;
  /** A shorter time says nothing. Default 300,000. */
  readonly minSpanMs?: number;
  /** Chance that a heap without trend looks like this. Default 0.001. */
  readonly significance?: number;
  /** Growth over the time seen that is worth a word. Default 16 MiB. */
  readonly minGrowthBytes?: number;
}

/** What speaks for a leak. */
export interface LeakEvidence {
  readonly points: number;
  readonly spanMs: number;
  /** Median of the slopes between all pairs of points (Theil–Sen): single spikes do not move it. */
  readonly bytesPerMinute: number;
  readonly growthBytes: number;
  /** One-sided p-value of the Mann–Kendall test for a rising trend. */
  readonly pValue: number;
  /** Time until the limit at this pace; absent without a limit. */
  readonly limitInMs?: number;
}

const MB = 1_048_576;

/**
 * Whether the live heap rises: a trend that is hardly chance, over long enough, and large enough to matter. Undefined while
 * nothing speaks for it. Pure; the order of the points does not matter.
 */
export function detectLeak(points: readonly HeapPoint[], options: LeakOptions = {}, limitBytes?: number): LeakEvidence | undefined {
  const { minPoints = 12, minSpanMs = 300_000, significance = 0.001, minGrowthBytes = 16 * MB } = options;
  const sorted = [...points].sort((a, b) => a.atMs - b.atMs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || sorted.length < minPoints) return undefined;
  const spanMs = last.atMs - first.atMs;
  if (spanMs < minSpanMs) return undefined;
  const slope = theilSen(sorted);
  const growthBytes = slope * spanMs;
  const pValue = mannKendall(sorted.map(({ bytes }) => bytes));
  if (growthBytes < minGrowthBytes || pValue > significance) return undefined;
  const limitInMs = limitBytes === undefined ? undefined : Math.max(0, (limitBytes - last.bytes) / slope);
  return {
    points: sorted.length,
    spanMs,
    bytesPerMinute: slope * 60_000,
    growthBytes,
    pValue,
    ...(limitInMs === undefined ? {} : { limitInMs }),
  };
}

/** Median slope of all pairs, per millisecond; 0 where no two points differ in time. */
export function theilSen(points: readonly HeapPoint[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) if (b.atMs !== a.atMs) slopes.push((b.bytes - a.bytes) / (b.atMs - a.atMs));
  }
  slopes.sort((a, b) => a - b);
  const middle = Math.floor(slopes.length / 2);
  const [low = 0, high = 0] = [slopes[slopes.length % 2 === 0 ? middle - 1 : middle], slopes[middle]];
  return (low + high) / 2;
}

/** One-sided p-value that the values rise with time, by the normal approximation with its correction for ties. */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  if (n < 3) return 1;
  let score = 0;
  for (const [index, a] of values.entries()) for (const b of values.slice(index + 1)) score += Math.sign(b - a);
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ties = [...counts.values()].reduce((sum, count) => sum + count * (count - 1) * (2 * count + 5), 0);
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (variance <= 0) return 1;
  const z = (score - Math.sign(score)) / Math.sqrt(variance);
  return upperTail(z);
}

/** Upper tail of the standard normal distribution; the error is below 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-x * x)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
