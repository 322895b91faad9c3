import type { SerializedError } from '@mainstay/types';
import type { Draft } from './draft.ts';
import type { FinalRunStatus, TaskState } from './model.ts';
import { baseOf, isLive } from './task-states.ts';

/** Fails the run: whatever else it does is cancelled. */
export function failRun(draft: Draft, error: SerializedError, reason: 'cancelled' | 'deadline'): void {
  cancelTasks(draft, reason, 'the run failed');
  draft.run.error = error;
  endRun(draft, 'failed');
  draft.event('run.failed', undefined, {
    error: { code: error.code, message: error.message },
    stage: error.details?.['stage'],
    cause: error.cause?.code,
  });
}

/** Sets a final status and gives the slot back. */
export function endRun(draft: Draft, status: FinalRunStatus): void {
  draft.run.status = status;
  draft.run.finishedAt = draft.now;
  draft.run.slot = false;
}

/** Cancels every task that is not finished and closes the open decisions. */
export function cancelTasks(draft: Draft, reason: 'cancelled' | 'deadline', why: string): void {
  for (const id of [...draft.decisions.keys()]) draft.closeDecision(id, null, 'system', `not needed any more: ${why}`);
  for (const task of [...draft.tasks.values()]) if (isOpen(task)) cancelTask(draft, task, reason);
}

function isOpen(task: TaskState): boolean {
  return isLive(task) || task.status === 'ready' || task.status === 'waiting';
}

function cancelTask(draft: Draft, task: TaskState, reason: 'cancelled' | 'deadline'): void {
  draft.setTask({ ...baseOf(task), status: 'cancelled', finishedAt: draft.now });
  draft.event('task.cancelled', task.stage, { reason });
  if (isLive(task)) cancelAttempt(draft, task, reason);
}

/** Tells the worker, where it is known, to stop. */
export function cancelAttempt(draft: Draft, task: TaskState, reason: 'cancelled' | 'lease-lost' | 'deadline'): void {
  const worker = task.status === 'running' ? { worker: task.worker } : {};
  draft.commands.push({ type: 'cancel-attempt', task: task.stage, fence: task.fence, ...worker, reason });
}
