/** The longest wait that {@link parseRetryAfter} believes in, unless it is told otherwise. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * Milliseconds that a `Retry-After` header asks to wait, from its seconds or its date (RFC 9110), between 0 and `maxMs`.
 * Undefined where it is missing or says neither. `nowMs`: milliseconds since 1970, of which a date is counted off.
 */
export function parseRetryAfter(
  header: string | null | undefined,
  nowMs: number = Date.now(),
  maxMs: number = LONGEST_RETRY_AFTER_MS,
): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : dateOf(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(maxMs, Math.max(0, ms));
}

/** Milliseconds since 1970 of an HTTP date; NaN for all else, such as the `-5` that `Date.parse` takes for a month. */
function dateOf(text: string): number {
  return /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
}
