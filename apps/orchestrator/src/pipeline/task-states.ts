import type { SerializedError } from '@mainstay/types';
import type { CompiledStage, TaskBase, TaskState } from './model.ts';

const NO_ANSWERS: TaskBase['answers'] = Object.freeze([]);

export type LiveTask = TaskState & { status: 'dispatched' | 'running' };
export type WaitingTask = TaskState & { status: 'waiting' };

/** A worker has it, or is about to. */
export function isLive(task: TaskState | undefined): task is LiveTask {
  return task?.status === 'dispatched' || task?.status === 'running';
}

/** Satisfies those that need it. */
export function isDone(task: TaskState | undefined): boolean {
  return task?.status === 'succeeded' || task?.status === 'skipped';
}

export type MutableBase = { -readonly [K in keyof TaskBase]: TaskBase[K] };

/** What is known of a task whatever its state: the fields of {@link TaskBase} and no others, as a copy. */
export function baseOf(task: TaskState): MutableBase {
  const { stage, agent, fallback, attempt, fence, failures, losses, rounds, answers } = task;
  const base: MutableBase = { stage, agent, fallback, attempt, fence, failures, losses, rounds, answers };
  if (task.lost !== undefined) base.lost = task.lost;
  if (task.checkpoint !== undefined) base.checkpoint = task.checkpoint;
  if (task.error !== undefined) base.error = task.error;
  if (task.startedAt !== undefined) base.startedAt = task.startedAt;
  if (task.inputOverride !== undefined) base.inputOverride = task.inputOverride;
  return base;
}

/** A task that nothing has happened to. */
export function freshTask(stage: CompiledStage): TaskBase {
  return { stage: stage.id, agent: stage.agent, fallback: 0, attempt: 0, fence: 0, failures: 0, losses: 0, rounds: 0, answers: NO_ANSWERS };
}

export function withoutCheckpoint(base: TaskBase): TaskBase {
  if (base.checkpoint === undefined) return base;
  const copy: MutableBase = { ...base };
  delete copy.checkpoint;
  return copy;
}

/** Losses forgotten. */
export function withoutLosses(base: TaskBase): TaskBase {
  const copy: MutableBase = { ...base, losses: 0 };
  delete copy.lost;
  return copy;
}

export function withoutError(base: TaskBase): TaskBase {
  if (base.error === undefined) return base;
  const copy: MutableBase = { ...base };
  delete copy.error;
  return copy;
}

/** What went wrong and when it began, forgotten. */
export function withoutPast(base: TaskBase): TaskBase {
  const copy: MutableBase = { ...withoutError(base) };
  delete copy.startedAt;
  return copy;
}

export function withError(base: TaskBase, error: SerializedError): TaskBase & { readonly error: SerializedError } {
  return { ...base, error };
}

/** The attempt that ended did not cost anything: it is not counted. */
export function refunded(base: TaskBase): TaskBase {
  return { ...base, attempt: base.attempt - 1 };
}
