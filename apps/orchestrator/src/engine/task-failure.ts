import type { SerializedError } from '@mainstay/types';
import type { RunState, TaskState } from '../pipeline/model.ts';

/** An attempt that failed. */
export interface TaskFailure {
  readonly tenant: string;
  readonly run: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly agent: string;
  readonly error: SerializedError;
}

/** The failure that this task's change brought; undefined where its error is one of before. */
export function failureOf(before: RunState, { id: run, tenant, pipeline }: RunState, task: TaskState): TaskFailure | undefined {
  const { stage, error } = task;
  const known = before.tasks.get(stage);
  if (error === undefined || error === known?.error) return undefined;
  // with a fallback the task is the next agent's already
  return { tenant, run, pipeline, stage, agent: known?.agent ?? task.agent, error };
}
