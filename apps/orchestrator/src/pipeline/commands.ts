import type { Draft } from './draft.ts';
import { cancelTasks, endRun } from './end-run.ts';
import type { Redriven, RunInput, RunStatus, TaskState, Verdict } from './model.ts';
import { begin, beginEligible, collectDue } from './settle.ts';
import { endOverdue } from './tick.ts';
import { baseOf, withoutLosses, withoutPast } from './task-states.ts';

type Input<T extends RunInput['type']> = Extract<RunInput, { type: T }>;

/** A queued run begins. */
export function start(draft: Draft): void {
  if (draft.run.status !== 'queued') return;
  activate(draft);
  draft.event('run.started');
  // it may have waited for longer than it is wanted
  if (!endOverdue(draft)) beginEligible(draft);
}

/** The run's time begins, anew. */
function activate(draft: Draft): void {
  const { concurrency, timeoutMs } = draft.pipeline.definition;
  draft.run.status = 'running';
  draft.run.startedAt ??= draft.now;
  draft.run.slot = concurrency !== undefined;
  if (timeoutMs !== undefined) draft.run.deadlineAt = Math.min(draft.now + timeoutMs, draft.run.deadlineAt ?? Infinity);
}

export function cancel(draft: Draft, input: Input<'cancel'>): void {
  if (draft.final) {
    refuse(draft, 'it has ended');
    return;
  }
  cancelTasks(draft, 'cancelled', 'the run was cancelled');
  endRun(draft, 'cancelled');
  draft.event('run.cancelled', undefined, { by: input.by, reason: input.reason });
}

/** Nothing new is begun; what runs may end. Pausing a paused run changes nothing. */
export function pause(draft: Draft, input: Input<'pause'>): void {
  const { status } = draft.run;
  if (status === 'paused') return;
  if (draft.final || status === 'queued') {
    refuse(draft, 'only a run that has begun and not ended can be paused');
    return;
  }
  draft.run.status = 'paused';
  draft.event('run.paused', undefined, { by: input.by });
}

/** Resuming a run that goes on changes nothing. */
export function resume(draft: Draft, input: Input<'resume'>): void {
  if (draft.mayDispatch) return;
  if (draft.run.status === 'paused') goOn(draft, 'run.resumed', input.by);
  else refuse(draft, 'only a paused run can be resumed');
}

export function suspend(draft: Draft): void {
  if (!draft.mayDispatch) return;
  draft.run.status = 'suspended';
  draft.event('run.suspended');
}

export function wake(draft: Draft): void {
  if (draft.run.status === 'suspended') goOn(draft, 'run.woken');
}

function goOn(draft: Draft, type: 'run.resumed' | 'run.woken', by?: string): void {
  draft.run.status = 'running';
  draft.event(type, undefined, { by });
  collectDue(draft);
}

/** What succeeded stays; the rest is tried again with fresh counters. Fences go on growing. */
export function retry(draft: Draft, input: Input<'retry'>): void {
  const { status } = draft.run;
  if (status !== 'failed' && status !== 'cancelled') {
    refuse(draft, 'only a failed or cancelled run can be retried');
    return;
  }
  reopen(draft, input);
}

export function redrive(draft: Draft, input: Input<'redrive'>): void {
  const task = draft.tasks.get(input.task);
  if (task?.status !== 'dead') {
    const message = `Stage ${input.task} of run ${draft.run.id} has no dead letter that could be redriven`;
    draft.verdicts.push({ taken: false, why: 'conflict', code: 'DEAD_LETTER_NOT_FOUND', message });
    return;
  }
  draft.event('task.redriven', input.task, { by: input.by, edited: input.input !== undefined });
  if (input.input !== undefined) draft.setTask({ ...task, inputOverride: input.input });
  reopen(draft, input);
}

function reopen(draft: Draft, input: Input<'retry' | 'redrive'>): void {
  const from = draft.run.status;
  delete draft.run.error;
  delete draft.run.finishedAt;
  delete draft.run.deadlineAt;
  activate(draft);
  draft.event('run.retried', undefined, { by: input.by, from });
  for (const task of [...draft.tasks.values()]) if (!draft.final && isUnfinished(task.status)) reset(draft, task, input);
  beginEligible(draft);
}

function isUnfinished(status: TaskState['status']): boolean {
  return status === 'dead' || status === 'cancelled';
}

/** Begins the task anew, its condition included. Attempts are counted on: they are numbers by which people and agents tell tries apart. */
function reset(draft: Draft, task: TaskState, input: Input<'retry' | 'redrive'>): void {
  if (task.status === 'dead') draft.redriven.push(redrivenBy(task.stage, input));
  const stage = draft.pipeline.stage(task.stage);
  const base = withoutLosses(withoutPast(baseOf(task)));
  begin(draft, stage, {
    ...base,
    ...{ agent: stage.agent, fallback: 0, failures: 0, rounds: 0 },
    answers: base.agent === stage.agent ? base.answers : [],
  });
}

function redrivenBy(stage: string, input: Input<'retry' | 'redrive'>): Redriven {
  const { by, correlationId } = input;
  const who = { stage, by, ...(correlationId !== undefined && { correlationId }) };
  if (input.type === 'retry' || input.task !== stage) return { ...who, asked: 'run' };
  return { ...who, asked: 'letter', ...(input.input !== undefined && { input: input.input }) };
}

function refuse(draft: Draft, why: string): void {
  const { id, status }: { id: string; status: RunStatus } = draft.run;
  const verdict: Verdict = { taken: false, why: 'conflict', code: 'RUN_STATE_CONFLICT', message: `Run ${id} is ${status}: ${why}` };
  draft.verdicts.push(verdict);
}
