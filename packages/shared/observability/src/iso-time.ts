let lastMs = Number.NaN;
let lastText = '';

/** The moment, in milliseconds since 1970, as ISO 8601 in UTC. Made once for the many lines of one millisecond. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
