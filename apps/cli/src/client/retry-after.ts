import type { Clock } from '@mainstay/utils';

const LONGEST_MS = 60_000;

/** Milliseconds that a `Retry-After` header asks to wait (seconds or a date), a minute at most; undefined: it does not say. */
export function retryAfterMs(headers: Headers, clock: Clock): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - clock.now();
  return Number.isFinite(ms) ? Math.min(LONGEST_MS, Math.max(0, ms)) : undefined;
}
