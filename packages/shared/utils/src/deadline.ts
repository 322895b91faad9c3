import { AsyncLocalStorage } from 'node:async_hooks';
import { TimeoutError } from '@mainstay/types';
import { type Clock, systemClock } from './clock.ts';

/** The moment by which everything that runs on behalf of something must have ended. */
export interface Deadline {
  /** What has the deadline, for messages. */
  readonly name: string;
  /** Milliseconds until then; 0 or less: it has passed. `Infinity`: there is none. */
  leftMs(): number;
}

const storage = new AsyncLocalStorage<Deadline>();

/** The deadline of the asynchronous work that asks; undefined outside of any. */
export function currentDeadline(): Deadline | undefined {
  return storage.getStore();
}

/** Milliseconds that the asynchronous work that asks has left; `Infinity` without a deadline, never below 0. */
export function remainingMs(): number {
  const deadline = storage.getStore();
  return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline.leftMs());
}

/** A deadline `ms` milliseconds from now, or its parent's if that comes first. It only tells the time: it stops nothing. */
export function deadlineIn(name: string, ms: number, clock: Pick<Clock, 'monotonic'> = systemClock, parent = storage.getStore()): Deadline {
  const leftMs = parent?.leftMs() ?? Number.POSITIVE_INFINITY;
  if (parent !== undefined && leftMs <= ms) return parent;
  const at = clock.monotonic() + ms;
  return { name, leftMs: () => at - clock.monotonic() };
}

/** That of work which nobody's deadline may cut, because it is done for several: run it under this one. */
export const noDeadline: Deadline = Object.freeze({ name: 'none', leftMs: () => Number.POSITIVE_INFINITY });

/** Runs `fn` and all that it starts under a deadline. */
export function underDeadline<T>(deadline: Deadline, fn: () => T): T {
  return storage.run(deadline, fn);
}

/** `DEADLINE_EXCEEDED` of work that had no more time, or that was cut by a deadline beyond it. */
export function deadlineError(name: string, deadline: Deadline, cause?: unknown): TimeoutError {
  return new TimeoutError('DEADLINE_EXCEEDED', `${name} was cut by the deadline of ${deadline.name}`, {
    details: { operation: name, deadline: deadline.name },
    cause,
  });
}
