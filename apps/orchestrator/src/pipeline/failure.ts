import { PipelineError, type SerializedError, serializeError } from '@mainstay/types';
import { backoffDelayMs } from '@mainstay/utils';
import type { Draft } from './draft.ts';
import { failRun } from './end-run.ts';
import type { TaskBase } from './model.ts';
import { succeed } from './success.ts';
import { mapInput } from './task-input.ts';
import { withError, withoutCheckpoint, withoutLosses } from './task-states.ts';

/** What an event tells of an error. */
export function brief(error: SerializedError): { readonly code: string; readonly message: string } {
  return { code: error.code, message: error.message };
}

/** An attempt failed: try again after a while, or give up. An error that says `cancelled` without anybody having asked for it may be retried. */
export function failAttempt(draft: Draft, base: TaskBase, error: SerializedError): void {
  const { retry } = draft.pipeline.stage(base.stage);
  const failures = base.failures + 1;
  draft.event('task.failed', base.stage, { agent: base.agent, attempt: base.attempt, fence: base.fence, error: brief(error) });
  if (error.disposition === 'terminal' || failures >= retry.maxAttempts) {
    giveUp(draft, { ...base, failures }, error);
    return;
  }
  const delayMs = Math.max(backoffDelayMs(retry, failures, draft.context.random), Math.ceil(error.retryAfterMs ?? 0));
  retryLater(draft, withError({ ...base, failures }, error), delayMs);
}

function retryLater(draft: Draft, base: TaskBase, delayMs: number): void {
  const dueAt = draft.now + delayMs;
  draft.setTask({ ...base, status: 'ready', dueAt });
  draft.event('task.retrying', base.stage, { delayMs, dueAt, failures: base.failures, round: base.rounds });
}

/** The present agent has failed for good: the next fallback, then what `onFailure` says. */
export function giveUp(draft: Draft, base: TaskBase, error: SerializedError): void {
  const { fallback, onFailure, agent: own } = draft.pipeline.stage(base.stage);
  const agent = fallback[base.fallback];
  const failed = withError(base, error);
  if (agent !== undefined) {
    draft.event('task.fallback', base.stage, { from: base.agent, to: agent, error: brief(error) });
    draft.setTask({ ...restart(draft, failed, agent), fallback: base.fallback + 1, status: 'ready', dueAt: draft.now });
  } else if (onFailure.action === 'retry' && base.rounds < onFailure.times) {
    retryLater(draft, { ...restart(draft, failed, own), fallback: 0, rounds: base.rounds + 1 }, onFailure.delayMs);
  } else if (onFailure.action === 'degrade') {
    draft.event('task.degraded', base.stage, { error: brief(error) });
    succeed(draft, failed, onFailure.output, true);
  } else {
    die(draft, failed);
  }
}

/** Fresh attempts. A checkpoint is that of the attempts before; answers are those to the questions of one kind of agent. */
function restart(draft: Draft, base: TaskBase, agent: string): TaskBase {
  if (base.checkpoint !== undefined) draft.noteCheckpoint(base.stage);
  return { ...withoutLosses(withoutCheckpoint(base)), agent, failures: 0, answers: agent === base.agent ? base.answers : [] };
}

/** Keeps the task as a dead letter and fails the run. */
function die(draft: Draft, task: TaskBase & { readonly error: SerializedError }): void {
  const { stage, agent, attempt, losses, error } = task;
  const input = mapInput(draft, draft.pipeline.stage(stage), task);
  const id = draft.context.newId();
  draft.setTask({ ...task, status: 'dead', finishedAt: draft.now });
  draft.deadLetters.push({ id, stage, agent, attempt, losses, input: 'error' in input ? null : input.value, error, at: draft.now });
  draft.event('task.dead', stage, { deadLetter: id, agent, attempt, error: brief(error) });
  const cause = serializeError(
    new PipelineError('RUN_FAILED', `Stage ${stage} failed: ${error.message}`, { details: { stage, code: error.code } }),
  );
  failRun(draft, { ...cause, cause: error }, 'cancelled');
}
