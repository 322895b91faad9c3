import { TimeoutError } from '@mainstay/types';
import { BoundedCall } from './bounded-call.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';
import { limitOf } from './limits.ts';

export interface TimeoutOptions {
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What timed out, for the message. Default `operation`. */
  readonly name?: string;
  readonly clock?: Clock;
}

/**
 * Gives `fn` at most `ms` milliseconds. When they are over, its signal aborts and the call rejects with
 * `OPERATION_TIMEOUT` at once, even if `fn` does not observe its signal. A deadline of the work that calls which comes first cuts it with
 * `DEADLINE_EXCEEDED`.
 */
export async function withTimeout<T>(fn: (signal: AbortSignal) => Promise<T> | T, ms: number, options: TimeoutOptions = {}): Promise<T> {
  const { name = 'operation', clock = systemClock, signal } = options;
  checkNumber('withTimeout', 'ms', ms, { min: 0 });
  const call = new BoundedCall<T>({ name, clock, limit: limitOf(clock, ms), reason: () => timeoutError(name, ms) });
  return call.run((own) => fn(own.signal), signal);
}

/** `OPERATION_TIMEOUT` for a named operation and its limit. */
export function timeoutError(name: string, timeoutMs: number, cause?: unknown): TimeoutError {
  return new TimeoutError('OPERATION_TIMEOUT', `${name} took longer than ${timeoutMs} ms`, {
    details: { operation: name, timeoutMs },
    cause,
  });
}
