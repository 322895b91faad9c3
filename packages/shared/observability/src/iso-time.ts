let second = Number.NaN;
let toTheSecond = '';

/** The moment, a whole number of milliseconds since 1970, as ISO 8601 in UTC. What many of one second have in common is made once. */
export function isoTime(ms: number): string {
  const rest = ms % 1_000;
  if (ms - rest !== second) {
    second = ms - rest;
    toTheSecond = new Date(second).toISOString().slice(0, -'000Z'.length);
  }
  return `${toTheSecond}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}
