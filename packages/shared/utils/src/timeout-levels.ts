import { ConfigurationError } from '@mainstay/types';
import { checkNumber } from './check-option.ts';

/** How far a limit reaches: one call, one request, one session of many requests, or upkeep of the whole system. */
export type TimeoutLevel = 'operation' | 'request' | 'session' | 'system';

/**
 * What is done when the time is over.
 * - `cut`: the signal aborts and the call rejects at once.
 * - `graceful`: the signal aborts; the work has `graceMs` to end by itself, and what it still gives counts; then it is abandoned.
 * - `exponential`: as `cut`, but each further attempt has `factor` times as long, up to `maxMs`.
 * - `progressive`: as `cut`, but with every proof of progress at least `extendMs` are left, up to `maxMs` in all.
 */
export type TimeoutStrategy = 'cut' | 'graceful' | 'exponential' | 'progressive';

export const TIMEOUT_LEVELS = ['operation', 'request', 'session', 'system'] as const satisfies readonly TimeoutLevel[];
const STRATEGIES: readonly string[] = ['cut', 'graceful', 'exponential', 'progressive'];

/** The limits of one level. */
export interface LevelOptions {
  /** Milliseconds. */
  readonly ms: number;
  readonly strategy: TimeoutStrategy;
  /** For `graceful`. Default 1,000. */
  readonly graceMs: number;
  /** For `exponential`. Default 2. */
  readonly factor: number;
  /** For `progressive`. Default: half of `ms`. */
  readonly extendMs: number;
  /** For `exponential` and `progressive`. Default: four times `ms`. */
  readonly maxMs: number;
}

const levelWith = (ms: number, strategy: TimeoutStrategy): LevelOptions => ({
  ms,
  strategy,
  graceMs: 1_000,
  factor: 2,
  extendMs: ms / 2,
  maxMs: ms * 4,
});

/** Operation 10 s, request 2 minutes, session 30 minutes, system 5 minutes. */
export const defaultLevels: Readonly<Record<TimeoutLevel, LevelOptions>> = Object.freeze({
  operation: levelWith(10_000, 'exponential'),
  request: levelWith(120_000, 'graceful'),
  session: levelWith(1_800_000, 'progressive'),
  system: levelWith(300_000, 'graceful'),
});

/**
 * A level with changes made to it. A new `ms` moves what was derived from the old one, unless that is given as well.
 * @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value.
 */
export function levelOptions(level: TimeoutLevel, base: LevelOptions, changes: Partial<LevelOptions>): LevelOptions {
  const owner = `timeout ${level}`;
  const ms = checkNumber(owner, 'ms', changes.ms ?? base.ms, { min: 1, max: 86_400_000 });
  const scale = ms / base.ms;
  const strategy = changes.strategy ?? base.strategy;
  if (!STRATEGIES.includes(strategy)) {
    throw new ConfigurationError('CONFIG_INVALID', `${owner}: option strategy must be one of ${STRATEGIES.join(', ')}, not ${strategy}`, {
      details: { owner, option: 'strategy', value: strategy },
    });
  }
  return {
    ms,
    strategy,
    graceMs: checkNumber(owner, 'graceMs', changes.graceMs ?? base.graceMs, { min: 0, max: 3_600_000 }),
    factor: checkNumber(owner, 'factor', changes.factor ?? base.factor, { min: 1, max: 100 }),
    extendMs: checkNumber(owner, 'extendMs', changes.extendMs ?? base.extendMs * scale, { min: 1 }),
    maxMs: checkNumber(owner, 'maxMs', changes.maxMs ?? base.maxMs * scale, { min: ms }),
  };
}

/** Milliseconds that an attempt (from 1) has at first. */
export function limitMs(options: LevelOptions, attempt: number): number {
  if (options.strategy !== 'exponential') return options.ms;
  return Math.min(options.maxMs, options.ms * options.factor ** (attempt - 1));
}
