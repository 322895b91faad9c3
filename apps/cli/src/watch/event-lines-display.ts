import type { RunEvent } from '../client/views.ts';
import type { Display } from './display.ts';

const nothing = (): void => undefined;

/** Hands on the events and shows nothing else: for JSON lines, and with `nothing` for silence. */
export function eventLinesDisplay(onEvent: (event: RunEvent) => void = nothing): Display {
  return {
    event: onEvent,
    refresh: nothing,
    decision: nothing,
    missing: nothing,
    connection: nothing,
    note: nothing,
    suspend: nothing,
    resume: nothing,
    end: nothing,
  };
}
