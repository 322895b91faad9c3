/** How long finished runs are kept, and how often one looks. */
export interface RetentionPolicy {
  /** Milliseconds since the end of a run. Absent: for ever. */
  readonly keepMs?: number;
  /** Milliseconds since a group of errors was last seen. Absent: for ever. */
  readonly errorsKeepMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** As the environment says it: 0 days mean for ever; groups of errors are kept as long as runs where nothing else is said. */
export function retentionPolicy(days: number, everyMinutes: number, errorDays: number | undefined = days): RetentionPolicy {
  const [keepMs, errorsKeepMs] = [keepMsOf(days), keepMsOf(errorDays)];
  return {
    everyMs: Math.max(1, Math.round(everyMinutes * MINUTE_MS)),
    ...(keepMs === undefined ? {} : { keepMs }),
    ...(errorsKeepMs === undefined ? {} : { errorsKeepMs }),
  };
}

/** Milliseconds; undefined: for ever. */
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
