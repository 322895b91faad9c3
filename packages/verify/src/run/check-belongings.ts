import type { Report } from '../invariants.ts';
import type { StoredTasks } from './check-tasks.ts';
import { FINAL_STATUSES, type RunFacts } from './facts.ts';
import type { RunReplay } from './run-replay.ts';

/** Decisions, dead letters and checkpoints of a run. */
export function checkBelongings(facts: RunFacts, tasks: StoredTasks, replay: RunReplay, report: Report): void {
  checkTenants(facts, report);
  checkDecisions(facts, tasks, replay, report);
  checkDeadLetters(facts, tasks, replay, report);
  checkCheckpoints(facts, tasks, report);
}

function checkTenants({ run, changes, decisions, deadLetters, checkpoints }: RunFacts, report: Report): void {
  const kinds = { change: changes, decision: decisions, 'dead letter': deadLetters, checkpoint: checkpoints };
  for (const [kind, rows] of Object.entries(kinds)) {
    const other = rows.find(({ tenant }) => tenant !== run.tenant);
    if (other !== undefined) report('TENANT_DIFFERS', `a ${kind} belongs to tenant ${other.tenant}, the run to ${run.tenant}`);
  }
}

function checkDecisions({ run, decisions }: RunFacts, { all }: StoredTasks, replay: RunReplay, report: Report): void {
  const open = new Set<string>();
  for (const { id, stage, status } of decisions) {
    if (!replay.decisions.has(id)) report('DECISION_MISMATCH', `of decision ${id} there is no event`, stage);
    if (status !== 'open') continue;
    open.add(id);
    const task = all.get(stage);
    if (FINAL_STATUSES.has(run.status)) report('FINAL_UNFINISHED', `the run has ${run.status}, and decision ${id} is open`, stage);
    else if (task?.status !== 'waiting' || task.decision !== id)
      report('DECISION_MISMATCH', `decision ${id} is open, and the task does not wait on it`, stage);
  }
  for (const [stage, { status, decision }] of all) {
    if (status === 'waiting' && !open.has(decision ?? '')) {
      report('DECISION_MISMATCH', `the task waits on decision ${decision ?? '?'}, which is not open`, stage);
    }
  }
}

function checkDeadLetters({ deadLetters }: RunFacts, { all }: StoredTasks, replay: RunReplay, report: Report): void {
  const letters = new Map(deadLetters.map((letter) => [letter.id, letter]));
  for (const [stage, { deadLetters: told }] of replay.tasks) {
    for (const id of told) if (!letters.has(id)) report('DEAD_LETTER_MISMATCH', `dead letter ${id} is missing`, stage);
    const kept = told.filter((id) => letters.get(id)?.redriven === false).length;
    const wanted = all.get(stage)?.status === 'dead' ? 1 : 0;
    if (kept !== wanted && told.every((id) => letters.has(id))) {
      report('DEAD_LETTER_MISMATCH', `${String(kept)} dead letters wait to be redriven instead of ${String(wanted)}`, stage);
    }
  }
  for (const { id, stage } of deadLetters) {
    if (replay.tasks.get(stage)?.deadLetters.includes(id) !== true) {
      report('DEAD_LETTER_MISMATCH', `of dead letter ${id} there is no event`, stage);
    }
  }
}

function checkCheckpoints({ checkpoints }: RunFacts, { all }: StoredTasks, report: Report): void {
  for (const { stage, fence } of checkpoints) {
    const task = all.get(stage);
    if (task === undefined) report('CHECKPOINT_LEFT', 'there is a checkpoint and no task', stage);
    else if (task.status === 'succeeded' || task.status === 'skipped')
      report('CHECKPOINT_LEFT', `the task has ${task.status}, and its checkpoint is there`, stage);
    else if (fence > task.fence)
      report('CHECKPOINT_LEFT', `the checkpoint has fence ${String(fence)}, the task ${String(task.fence)}`, stage);
  }
}
