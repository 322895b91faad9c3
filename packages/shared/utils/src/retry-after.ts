/** Milliseconds that a `Retry-After` header asks to wait (seconds or a date); undefined: it does not say, or says nonsense. */
export function parseRetryAfter(value: string | null | undefined, now: number, longestMs = 3_600_000): number | undefined {
  if (value === null || value === undefined) return undefined;
  const text = value.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : /[A-Za-z]/.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
}
