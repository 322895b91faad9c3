import { workPlaces } from './work-place.ts';

/** What every log line of one piece of work carries. */
export interface LogContext {
  /** Follows a run through every process. */
  readonly correlationId: string;
  readonly traceId?: string;
  readonly run?: string;
  readonly task?: string;
  readonly tenant?: string;
}

/** Runs `fn`, and everything it starts, under the context. */
export function runWithContext<T>(context: LogContext, fn: () => T): T {
  return workPlaces.run({ context, trace: workPlaces.getStore()?.trace }, fn);
}

/**
 * Runs `fn`, and everything it starts, under no context and at no place of a trace: for what serves many pieces of work and happens to be
 * begun by one of them, such as a loop or a timer.
 */
export function outOfContext<T>(fn: () => T): T {
  return workPlaces.exit(fn);
}

/** The context of the work that is being done now. */
export function currentContext(): LogContext | undefined {
  return workPlaces.getStore()?.context;
}
