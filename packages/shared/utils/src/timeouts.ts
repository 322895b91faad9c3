import { type Clock, systemClock } from './clock.ts';
import { currentDeadline } from './deadline.ts';
import { TimedCall, type TimeoutContext, type TimeoutEnd } from './timed-call.ts';
import { defaultLevels, type LevelOptions, levelOptions, TIMEOUT_LEVELS, type TimeoutLevel } from './timeout-levels.ts';

/** Counts of one level since the process began, and what runs now. */
export interface TimeoutCounts {
  readonly running: number;
  readonly done: number;
  readonly late: number;
  readonly abandoned: number;
  readonly cancelled: number;
  /** Of those that were late or abandoned: because of a deadline beyond this level. */
  readonly cutByParent: number;
}

export interface TimeoutsOptions {
  /** Changes to {@link defaultLevels}. */
  readonly levels?: { readonly [K in TimeoutLevel]?: Partial<LevelOptions> };
  /** Metrics: a call was late or abandoned. */
  readonly onTimeout?: (notice: { readonly level: TimeoutLevel; readonly name: string; readonly end: TimeoutEnd }) => void;
  readonly clock?: Clock;
}

export interface TimedOptions {
  /** What runs, for messages and for the count of work that does not stop. Default: the level. */
  readonly name?: string;
  /** Instead of the level's limit. */
  readonly ms?: number;
  /** Which try it is, from 1; the strategy `exponential` gives later ones more time. */
  readonly attempt?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Limits of time on four levels that nest: what runs inside of a call never has more time than the call has left, here and, by the
 * headers and envelopes of `deadline-wire`, in other processes.
 */
export interface Timeouts {
  /**
   * Runs `fn` under the level's limit. Rejects with `OPERATION_TIMEOUT` when that is over, with `DEADLINE_EXCEEDED` when the deadline of
   * what it runs in is, and then always by that moment, however the work behaves.
   */
  run<T>(level: TimeoutLevel, fn: (context: TimeoutContext) => Promise<T> | T, options?: TimedOptions): Promise<T>;
  /** Changes a level for the calls to come. @throws ConfigurationError `CONFIG_INVALID`. */
  update(level: TimeoutLevel, changes: Partial<LevelOptions>): void;
  level(level: TimeoutLevel): LevelOptions;
  counts(): Readonly<Record<TimeoutLevel, TimeoutCounts>>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createTimeouts({ levels = {}, onTimeout, clock = systemClock }: TimeoutsOptions = {}): Timeouts {
  const none = (): Mutable<TimeoutCounts> => ({ running: 0, done: 0, late: 0, abandoned: 0, cancelled: 0, cutByParent: 0 });
  const counts = { operation: none(), request: none(), session: none(), system: none() };
  const current: Record<TimeoutLevel, LevelOptions> = { ...defaultLevels };
  for (const level of TIMEOUT_LEVELS) current[level] = levelOptions(level, defaultLevels[level], levels[level] ?? {});

  const run = async <T>(
    level: TimeoutLevel,
    fn: (context: TimeoutContext) => Promise<T> | T,
    { name = level, ms, attempt = 1, signal }: TimedOptions = {},
  ): Promise<T> => {
    signal?.throwIfAborted();
    const count = counts[level];
    const onEnd = (end: TimeoutEnd, cutByParent: boolean) => {
      count.running -= 1;
      count[end] += 1;
      if (cutByParent) count.cutByParent += 1;
      if (end === 'late' || end === 'abandoned') onTimeout?.({ level, name, end });
    };
    const options = ms === undefined ? current[level] : levelOptions(level, current[level], { ms });
    const call = new TimedCall<T>({ name, level: options, attempt, clock, parent: currentDeadline(), signal, onEnd });
    count.running += 1;
    return call.run(fn);
  };

  return {
    run,
    update(level, changes) {
      current[level] = levelOptions(level, current[level], changes);
    },
    level: (level) => current[level],
    counts: () => structuredClone(counts),
  };
}
