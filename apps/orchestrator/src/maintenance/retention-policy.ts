/** How long finished runs are kept, and how often one looks. */
export interface RetentionPolicy {
  /** Milliseconds since the end of a run. Absent: for ever. */
  readonly keepMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** As the environment says it: 0 days mean for ever. */
export function retentionPolicy(days: number, everyMinutes: number): RetentionPolicy {
  const everyMs = Math.max(1, Math.round(everyMinutes * MINUTE_MS));
  const keepMs = keepMsOf(days);
  return keepMs === undefined ? { everyMs } : { keepMs, everyMs };
}

/** As the environment says it: 0 days mean for ever, which is undefined here. */
export function keepMsOf(days: number): number | undefined {
  return days === 0 ? undefined : Math.max(1, Math.round(days * DAY_MS));
}

/** What ended before this time is past its keep; undefined: nothing ever is. */
export function cutOff(keepMs: number | undefined, now: number): number | undefined {
  return keepMs === undefined ? undefined : now - keepMs;
}

/** Days that finished runs are kept; undefined: for ever. */
export function keepDays({ keepMs }: RetentionPolicy): number | undefined {
  return keepMs === undefined ? undefined : keepMs / DAY_MS;
}
