import { ValidationError } from '@mainstay/types';
import type { Logger, LogLevel } from './logger.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const satisfies readonly LogLevel[];

/** A week: what is to last longer belongs into the configuration. */
export const MAX_LEVEL_SECONDS = 7 * 24 * 3_600;

export interface LevelChange {
  readonly level: LogLevel;
  /** Afterwards the level is again what it was before the first change of this kind. Absent: it stays. */
  readonly forSeconds?: number | undefined;
}

export interface LevelChanged {
  readonly level: string;
  readonly previous: string;
  /** ISO time at which it goes back. */
  readonly until?: string;
}

interface Pending {
  /** The level to go back to. */
  readonly base: string;
  readonly timer: NodeJS.Timeout;
}

const pending = new WeakMap<Logger, Pending>();

/**
 * Changes the level of a logger and of all its children, at once. A later change replaces an earlier one, and what that was to go back
 * to is kept; one without an end stays. The timer does not keep the process alive.
 */
export function changeLogLevel(logger: Logger, { level, forSeconds }: LevelChange): LevelChanged {
  const previous = logger.level;
  const before = pending.get(logger);
  clearTimeout(before?.timer);
  pending.delete(logger);
  logger.level = level;
  if (forSeconds === undefined) return { level, previous };
  const base = before?.base ?? previous;
  const timer = setTimeout(() => {
    pending.delete(logger);
    logger.level = base;
  }, 1_000 * forSeconds).unref();
  pending.set(logger, { base, timer });
  return { level, previous, until: new Date(Date.now() + 1_000 * forSeconds).toISOString() };
}

/** Another level for this process, as all processes are told of it. `default`: that of its configuration. */
export interface LevelWish {
  readonly level: LogLevel | 'default';
  /** Milliseconds; absent: until the next one. */
  readonly forMs?: number | undefined;
}

/** The name that processes are asked for another level by. */
export const LEVEL_ASK = 'log-level';

/** Has a logger do what is wished for, and say so; `configured` is the level that it was made with. */
export function followLevels(logger: Logger, configured: LogLevel): (wish: LevelWish, by: string) => LevelChanged {
  return ({ level, forMs }, by) => {
    // before: the new level may hide it
    logger.warn({ to: level, ...(forMs === undefined ? {} : { forMs }), by }, 'the log level is changed');
    if (level !== 'default') return changeLogLevel(logger, { level, forSeconds: forMs === undefined ? undefined : forMs / 1_000 });
    return changeLogLevel(logger, { level: configured });
  };
}

/** What another process asked for, `{level, forMs?, by}`; answers with the change as JSON. Rejects with VALIDATION_FAILED what is not so. */
export async function answerLevelAsk(
  follow: ReturnType<typeof followLevels>,
  { level, forMs, by }: Readonly<Record<string, unknown>>,
): Promise<string> {
  const known = [...LOG_LEVELS, 'default' as const].find((one) => one === level);
  if (known === undefined || typeof by !== 'string' || (forMs !== undefined && typeof forMs !== 'number')) {
    throw new ValidationError('VALIDATION_FAILED', 'Another log level has a level and who wants it');
  }
  return await Promise.resolve(JSON.stringify(follow({ level: known, forMs }, by)));
}
