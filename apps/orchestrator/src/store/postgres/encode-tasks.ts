import type { Change, TaskState } from '../../pipeline/model.ts';
import type { DispatchMark } from '../store.ts';
import type { Writes } from '../writes.ts';
import { escapeJson } from './json.ts';
import { isFinal, isOutstanding, type Sent, type SentMarks, UNKNOWN } from './sent-marks.ts';

/** Columns of a run that tell of its unfinished tasks; see the migration `changes`. */
export interface LiveColumns {
  readonly live: string | null;
  readonly dispatcher: string | null;
  readonly batch: number | null;
  readonly epoch: string | null;
}

const NOTHING_LIVE: LiveColumns = { live: null, dispatcher: null, batch: null, epoch: null };

/** The unfinished tasks after a change, and who dispatched them: this very batch, or whoever it was before. */
export function liveColumns(change: Change, mark: DispatchMark, marks: SentMarks): LiveColumns {
  const tasks: TaskState[] = [];
  let common: Sent | undefined;
  let differs = false;
  for (const task of change.state.tasks.values()) {
    if (isFinal(task)) continue;
    tasks.push(task);
    if (!isOutstanding(task)) continue;
    const sent = sentOf(task, change, mark, marks);
    marks.note(task, sent);
    common ??= sent;
    differs ||= !isSame(common, sent);
  }
  if (tasks.length === 0) return NOTHING_LIVE;
  let texts = '';
  for (const task of tasks) {
    const text = taskText(task, differs && isOutstanding(task) ? marks.of(task) : undefined);
    texts = texts === '' ? text : `${texts},${text}`;
  }
  const live = escapeJson(`[${texts}]`);
  if (common === undefined) return { ...NOTHING_LIVE, live };
  return differs
    ? { live, dispatcher: '', batch: null, epoch: '' }
    : { live, dispatcher: common.orchestrator, batch: common.batch, epoch: common.epoch };
}

/** What became final by a change, and which stages are pending again; null: nothing. */
export function finalTasks({ tasks, removed }: Writes): string | null {
  let texts = '';
  for (const { task } of tasks) if (isFinal(task)) texts += `${texts === '' ? '' : ','}${taskText(task, undefined)}`;
  for (const stage of removed) texts += `${texts === '' ? '' : ','}${JSON.stringify(stage)}`;
  return texts === '' ? null : escapeJson(`[${texts}]`);
}

function sentOf(task: TaskState, { before }: Change, mark: DispatchMark, marks: SentMarks): Sent {
  const earlier = before.tasks.get(task.stage);
  if (earlier === task) return marks.of(task) ?? UNKNOWN;
  return task.fence > (earlier?.fence ?? 0) ? mark : (marks.of(earlier) ?? marks.of(task) ?? UNKNOWN);
}

function isSame(a: Sent, b: Sent): boolean {
  return a === b || (a.orchestrator === b.orchestrator && a.batch === b.batch && a.epoch === b.epoch);
}

/** A task's checkpoint has a table of its own. */
function taskText(task: TaskState, sent: Sent | undefined): string {
  const text = JSON.stringify(task.checkpoint === undefined ? task : { ...task, checkpoint: undefined });
  return sent === undefined ? text : `{"sent":${JSON.stringify([sent.orchestrator, sent.batch, sent.epoch])},${text.slice(1)}`;
}
