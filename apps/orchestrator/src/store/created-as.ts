import { type Change, FINAL_RUN_STATUSES } from '../pipeline/model.ts';
import type { NewRun } from './store.ts';

/** The form in which a run is created, with `slot` as it will be stored: only started, unfinished runs with a limit hold one. */
export function createdAs(run: NewRun, slotIsFree: boolean): Change {
  const change = slotIsFree ? run.started : run.queued;
  const slot = needsSlot(run) && slotIsFree;
  return change.state.slot === slot ? change : { ...change, state: { ...change.state, slot } };
}

/** Whether the run takes a slot if it begins at once. One that is over from the start takes none. */
export function needsSlot({ started, concurrency }: NewRun): boolean {
  return concurrency !== undefined && !FINAL_RUN_STATUSES.has(started.state.status);
}
