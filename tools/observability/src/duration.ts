const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration as Prometheus writes it: `90s`, `5m`, `3d`. */
export function durationMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (!(unit in UNIT_MS)) throw new RangeError(`"${text}" is not a duration of Prometheus`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The duration times `factor`, at least a millisecond. Factor 1 leaves the text as it stands. */
export function scaledDuration(text: string, factor: number): string {
  return factor === 1 ? text : `${Math.max(1, Math.round(durationMs(text) * factor))}ms`;
}

/** The expression with all its ranges and offsets scaled; none becomes shorter than `leastMs`, so that it still holds some scrapes. */
export function scaledRanges(expr: string, factor: number, leastMs = 0): string {
  if (factor === 1) return expr;
  const scale = (text: string): string => `${Math.max(leastMs, durationMs(scaledDuration(text, factor)))}ms`;
  return expr
    .replaceAll(/\[(\d+[a-z]+)\]/g, (_all, range: string) => `[${scale(range)}]`)
    .replaceAll(/\boffset (\d+[a-z]+)/g, (_all, offset: string) => `offset ${scale(offset)}`);
}
