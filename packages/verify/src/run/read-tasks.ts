import type { Report } from '../invariants.ts';
import { decodeFinal, decodeLive, type StoredTask } from './decode.ts';
import type { RunFacts } from './facts.ts';

/** The states of a run's tasks, as the changes tell them in order, with the unfinished ones of the run's row on top. */
export function readTasks(
  { run, changes }: RunFacts,
  report: Report,
): { readonly all: ReadonlyMap<string, StoredTask>; readonly live: readonly StoredTask[] } {
  const all = new Map<string, StoredTask>();
  for (const change of changes) {
    if (change.tasks === null) continue;
    const decoded = decodeFinal(change.tasks);
    if ('problem' in decoded) {
      report('ROW_UNREADABLE', `the tasks of change ${String(change.last)}: ${decoded.problem}`);
      continue;
    }
    for (const entry of decoded.value) {
      if (typeof entry === 'string') all.delete(entry);
      else note(all, entry, report);
    }
  }
  const live = readLive(run.live, report);
  for (const task of live) all.set(task.stage, task);
  return { all, live };
}

function note(all: Map<string, StoredTask>, task: StoredTask, report: Report): void {
  if (task.status === 'succeeded' && all.get(task.stage)?.status === 'succeeded') {
    report('TASK_SUCCEEDED_TWICE', 'two changes hold an accepted output', task.stage);
  }
  all.set(task.stage, task);
}

function readLive(text: string | null, report: Report): readonly StoredTask[] {
  if (text === null) return [];
  const decoded = decodeLive(text);
  if ('value' in decoded) return decoded.value;
  report('ROW_UNREADABLE', `the unfinished tasks: ${decoded.problem}`);
  return [];
}
