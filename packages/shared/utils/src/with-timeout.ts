import { TimeoutError } from '@mainstay/types';
import { AbortScope, raceAbort } from './abort-scope.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';

export interface TimeoutOptions {
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What timed out, for the message. Default `operation`. */
  readonly name?: string;
  readonly clock?: Clock;
}

/**
 * Gives `fn` at most `ms` milliseconds. When they are over, its signal aborts and the call rejects with
 * `OPERATION_TIMEOUT` at once, even if `fn` does not observe its signal.
 */
export async function withTimeout<T>(fn: (signal: AbortSignal) => Promise<T> | T, ms: number, options: TimeoutOptions = {}): Promise<T> {
  const { name = 'operation', clock = systemClock } = options;
  checkNumber('withTimeout', 'ms', ms, { min: 0 });
  using scope = new AbortScope(options.signal);
  scope.abortAfter(clock, ms, () => timeoutError(name, ms));
  return await raceAbort(() => fn(scope.signal), scope.signal);
}

/** `OPERATION_TIMEOUT` for a named operation and its limit. */
export function timeoutError(name: string, timeoutMs: number, cause?: unknown): TimeoutError {
  return new TimeoutError('OPERATION_TIMEOUT', `${name} took longer than ${timeoutMs} ms`, {
    details: { operation: name, timeoutMs },
    cause,
  });
}
