// A rate that needs one number and one time: occurrences count less the longer ago they were, half after three and a half minutes.

/** After so long an occurrence counts 1/e. */
export const RATE_TAU_MS = 300_000;
const TAU_MINUTES = RATE_TAU_MS / 60_000;
/** Beyond, nothing is left; Postgres refuses to compute smaller numbers. */
export const MAX_DECAY = 50;

/** What is left of a rate, per minute, some time later. */
export function decayedRate(rate: number, elapsedMs: number): number {
  return rate * Math.exp(-Math.min(MAX_DECAY, Math.max(0, elapsedMs) / RATE_TAU_MS));
}

/** What so many occurrences now add to a rate, per minute. */
export function rateOf(count: number): number {
  return count / TAU_MINUTES;
}

/** A rate as people read it: hundredths. */
export function roundedRate(rate: number): number {
  return Math.round(rate * 100) / 100;
}
