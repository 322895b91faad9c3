import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogContext } from './context.ts';
import type { ActiveTrace } from './tracing/active-trace.ts';

/** What follows a piece of work through everything that it starts. */
export interface WorkPlace {
  readonly context: LogContext | undefined;
  readonly trace: ActiveTrace | undefined;
}

/** One storage for both: each further one that is entered costs every attempt a copy of all of them. */
export const workPlaces = new AsyncLocalStorage<WorkPlace>();
