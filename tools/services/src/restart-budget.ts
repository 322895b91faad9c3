/** How often something may be restarted. */
export interface RestartLimits {
  readonly max: number;
  readonly windowMs: number;
  readonly baseDelayMs: number;
}

/** Five restarts in a minute, at first after 200 ms, then twice as long each time. */
export const DEFAULT_LIMITS: RestartLimits = { max: 5, windowMs: 60_000, baseDelayMs: 200 };

/** The delay before the next restart given the times of the former ones (ms, any origin), or `undefined` when there were too many. */
export function restartDelayMs(former: readonly number[], nowMs: number, limits: RestartLimits = DEFAULT_LIMITS): number | undefined {
  const recent = former.filter((time) => nowMs - time < limits.windowMs).length;
  return recent >= limits.max ? undefined : limits.baseDelayMs * 2 ** recent;
}
