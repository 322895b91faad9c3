import { type Change, dueAt, FINAL_RUN_STATUSES } from '../pipeline/model.ts';

/**
 * The earliest due time that a change brings (store time), Infinity without one. Those that the state before had are known
 * already, so that only what was written is looked at, unless the run goes on after it stood still.
 */
export function nextDue({ before, state, touched, opened }: Change): number {
  if (FINAL_RUN_STATUSES.has(state.status)) return Infinity;
  if (before.status !== 'running' && before.status !== 'waiting') return dueAt(state) ?? Infinity;
  let due = state.deadlineAt === before.deadlineAt ? Infinity : (state.deadlineAt ?? Infinity);
  for (const { expiresAt } of opened) due = Math.min(due, expiresAt ?? Infinity);
  for (const stage of touched) {
    const task = state.tasks.get(stage);
    if (task?.status === 'ready') due = Math.min(due, task.dueAt);
  }
  return due;
}
