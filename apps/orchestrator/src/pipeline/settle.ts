import { PipelineError, serializeError } from '@mainstay/types';
import { dispatch } from './dispatch.ts';
import type { Draft } from './draft.ts';
import { endRun, failRun } from './end-run.ts';
import { giveUp } from './failure.ts';
import type { CompiledStage, TaskBase } from './model.ts';
import { scopeOf } from './scope.ts';
import { freshTask, isDone, isLive } from './task-states.ts';

/** Goes on with the run as far as it can go without news from outside. Without recursion over stages. */
export function settle(draft: Draft): void {
  while (!draft.final) {
    const done = draft.done.shift();
    if (done !== undefined) advance(draft, done);
    else if (!draft.mayDispatch || !dispatchNext(draft)) break;
  }
  draft.done.length = 0;
  draft.due.length = 0;
  if (draft.mayDispatch) updateStatus(draft);
}

/** Begins what only waited for this stage. */
function advance(draft: Draft, done: string): void {
  for (const id of draft.pipeline.stage(done).dependents) {
    if (draft.final) return;
    const stage = draft.pipeline.stage(id);
    if (!draft.tasks.has(id) && stage.needs.every((need) => isDone(draft.tasks.get(need)))) begin(draft, stage, freshTask(stage));
  }
}

/** Begins every stage that could begin and has not: at the start, and when a run is tried again. */
export function beginEligible(draft: Draft): void {
  for (const stage of draft.pipeline.order) {
    if (draft.final) return;
    if (!draft.tasks.has(stage.id) && stage.needs.every((need) => isDone(draft.tasks.get(need)))) begin(draft, stage, freshTask(stage));
  }
}

/** Decides on a stage's condition: its task is ready at once, or the stage is skipped. */
export function begin(draft: Draft, stage: CompiledStage, task: TaskBase): void {
  try {
    if (stage.when === undefined || stage.holds(scopeOf(draft, stage.references))) {
      draft.setTask({ ...task, status: 'ready', dueAt: draft.now });
      return;
    }
  } catch (error) {
    giveUp(draft, task, serializeError(error));
    return;
  }
  draft.setTask({ ...task, status: 'skipped', finishedAt: draft.now });
  draft.event('task.skipped', stage.id);
  draft.done.push(stage.id);
}

/** Dispatches one due task; false when there is none. */
function dispatchNext(draft: Draft): boolean {
  const stage = draft.due.shift();
  if (stage === undefined) return false;
  const task = draft.tasks.get(stage);
  if (task?.status === 'ready' && task.dueAt <= draft.now) dispatch(draft, task);
  return true;
}

/** Notes all ready tasks that are due, for {@link settle} to dispatch. */
export function collectDue(draft: Draft): void {
  for (const task of draft.tasks.values()) if (task.status === 'ready' && task.dueAt <= draft.now) draft.due.push(task.stage);
}

/** Running while a worker has something, waiting while only decisions or times are awaited, finished when nothing is left. */
function updateStatus(draft: Draft): void {
  if (isLive(draft.dispatched === undefined ? undefined : draft.tasks.get(draft.dispatched))) {
    setStatus(draft, 'running');
    return;
  }
  let timer = false;
  let decision = false;
  for (const task of draft.tasks.values()) {
    if (isLive(task)) {
      setStatus(draft, 'running');
      return;
    }
    timer ||= task.status === 'ready';
    decision ||= task.status === 'waiting';
  }
  if (timer || decision) setStatus(draft, 'waiting', decision ? 'decision' : 'timer');
  else finish(draft);
}

function setStatus(draft: Draft, status: 'running' | 'waiting', waitsFor?: 'decision' | 'timer'): void {
  if (draft.run.status === status) return;
  draft.run.status = status;
  if (waitsFor === undefined) draft.event('run.resumed', undefined, { from: 'waiting' });
  else draft.event('run.waiting', undefined, { for: waitsFor });
}

/** All stages succeeded or were skipped: a run in which one did not would have failed at once. */
function finish(draft: Draft): void {
  try {
    draft.run.output = draft.pipeline.output(scopeOf(draft, draft.pipeline.outputReferences));
    endRun(draft, 'succeeded');
    draft.event('run.succeeded');
  } catch (error) {
    const cause = serializeError(error);
    const failure = new PipelineError('RUN_FAILED', `The run's output cannot be formed: ${cause.message}`, {
      details: { code: cause.code },
    });
    failRun(draft, { ...serializeError(failure), cause }, 'cancelled');
  }
}
