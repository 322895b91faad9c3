import type { Report } from '../invariants.ts';
import type { StoredTask } from './decode.ts';
import { FINAL_STATUSES, type RunFacts } from './facts.ts';
import type { RunReplay } from './run-replay.ts';

const OUTSTANDING: ReadonlySet<string> = new Set(['dispatched', 'running']);
const UNFINISHED: ReadonlySet<string> = new Set(['ready', 'dispatched', 'running', 'waiting']);

export interface StoredTasks {
  readonly all: ReadonlyMap<string, StoredTask>;
  /** Those in the run's own row. */
  readonly live: readonly StoredTask[];
}

/** Stored states of tasks against what the events lead to, and against the run's own row. */
export function checkTasks(facts: RunFacts, tasks: StoredTasks, replay: RunReplay, report: Report): void {
  for (const [stage, task] of tasks.all) checkState(stage, task, replay, report);
  for (const [stage, { status }] of replay.tasks) {
    if (!tasks.all.has(stage)) report('TASK_STATE', `its events lead to ${status}, and no state is stored`, stage);
  }
  checkStages(facts, tasks, report);
  checkMarks(facts, tasks.live, report);
  if (FINAL_STATUSES.has(facts.run.status)) checkFinal(facts, tasks, report);
  else checkMoves(facts, tasks.live, report);
}

function checkState(stage: string, task: StoredTask, replay: RunReplay, report: Report): void {
  const told = replay.tasks.get(stage);
  // a task that became ready without being dispatched has no event yet
  const expected = told?.status ?? 'ready';
  if (task.status !== expected && task.status !== told?.endedAs) {
    report('TASK_STATE', `${task.status} is stored; its events lead to ${expected}`, stage);
  }
  if (task.fence !== (told?.fence ?? 0)) {
    report('TASK_STATE', `fence ${String(task.fence)} is stored; its events lead to ${String(told?.fence ?? 0)}`, stage);
  }
  if (task.attempt > task.fence) report('TASK_STATE', `attempt ${String(task.attempt)} with only ${String(task.fence)} dispatches`, stage);
}

function checkStages({ definition, run }: RunFacts, { all, live }: StoredTasks, report: Report): void {
  for (const { stage, status } of live) {
    if (!UNFINISHED.has(status)) report('TASK_STATE', `${status}, and yet among the unfinished tasks`, stage);
  }
  if (definition === undefined) {
    report('PIPELINE_MISSING', `version ${String(run.version)} of ${run.pipeline} is missing or cannot be read`);
    return;
  }
  const known = new Set(definition.stages.map(({ id }) => id));
  for (const stage of all.keys()) if (!known.has(stage)) report('TASK_UNKNOWN', `${run.pipeline} has no such stage`, stage);
}

function checkMarks({ run }: RunFacts, live: readonly StoredTask[], report: Report): void {
  const outstanding = live.filter(({ status }) => OUTSTANDING.has(status));
  const marked = run.dispatcher !== null && run.epoch !== null;
  const [first] = outstanding;
  if (first !== undefined && !marked)
    report('OUTSTANDING_UNMARKED', 'an attempt is under way, and nothing says who dispatched it', first.stage);
  if (first === undefined && (run.dispatcher !== null || run.epoch !== null)) {
    report('OUTSTANDING_UNMARKED', 'a dispatcher is noted, and no attempt is under way');
  }
}

function checkFinal({ run, definition }: RunFacts, { all }: StoredTasks, report: Report): void {
  for (const [stage, { status }] of all) {
    if (UNFINISHED.has(status)) report('FINAL_UNFINISHED', `the run has ${run.status}, and the task is ${status}`, stage);
  }
  if (run.has_due_at) report('FINAL_UNFINISHED', `the run has ${run.status}, and still has a due time`);
  if (run.status !== 'succeeded') return;
  for (const { id } of definition?.stages ?? []) {
    const status = all.get(id)?.status;
    if (status !== 'succeeded' && status !== 'skipped') {
      report('SUCCEEDED_WITHOUT', `the run succeeded although the stage is ${status ?? 'pending'}`, id);
    }
  }
}

/** Whether anything would ever move the run on. */
function checkMoves({ run, decisions }: RunFacts, live: readonly StoredTask[], report: Report): void {
  if (run.status === 'queued') {
    if (run.admitted && !run.has_due_at) report('RUN_STUCK', 'it was given its slot, and has no due time at which it would start');
    return;
  }
  if (run.status !== 'running' && run.status !== 'waiting') return;
  const ready = live.find(({ status }) => status === 'ready');
  if (ready !== undefined && !run.has_due_at) report('RUN_STUCK', 'the task is ready, and the run has no due time', ready.stage);
  const moves = run.has_due_at || live.some(({ status }) => OUTSTANDING.has(status)) || decisions.some(({ status }) => status === 'open');
  if (!moves) report('RUN_STUCK', `the run is ${run.status}, and there is no attempt, no decision and no due time`);
}
