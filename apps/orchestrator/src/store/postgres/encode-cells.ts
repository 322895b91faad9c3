import { encodeJson } from './json.ts';

export function json(value: unknown): string | null {
  return value === undefined ? null : encodeJson(value);
}

/** End of the year 9999: later times are as good as that. */
const LATEST = 253_402_300_799_999;

export function time(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.min(ms, LATEST);
}
