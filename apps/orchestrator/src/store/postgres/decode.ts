import type { JsonValue, SerializedError } from '@mainstay/types';
import type { DecisionState, RunState, TaskState } from '../../pipeline/model.ts';
import { decodeJson, decodeText } from './json.ts';
import { isOutstanding, type Sent, type SentMarks, UNKNOWN } from './sent-marks.ts';
import type { LoadRow } from './sql/load.ts';

/** Rows that belong to one run. */
interface Parts {
  run: LoadRow | undefined;
  readonly changes: LoadRow[];
  readonly decisions: LoadRow[];
  readonly checkpoints: LoadRow[];
}

/** Runs from the rows of the statement `load`. Of their outstanding tasks it is noted who dispatched them. */
export function decodeRuns(rows: readonly LoadRow[], marks: SentMarks): Map<string, RunState> {
  const runs = new Map<string, RunState>();
  for (const [id, { run, changes, decisions, checkpoints }] of partsOf(rows)) {
    if (run === undefined) continue;
    const saved = new Map(checkpoints.map((row) => [row.a, decodeJson(row.j1)]));
    const tasks = finalTasks(changes, saved);
    addLiveTasks(tasks, run, saved, marks);
    runs.set(id, decodeRun(run, tasks, new Map(decisions.map((row) => [row.a, decodeDecision(row)]))));
  }
  return runs;
}

function partsOf(rows: readonly LoadRow[]): ReadonlyMap<string, Parts> {
  const runs = new Map<string, Parts>();
  for (const row of rows) {
    let parts = runs.get(row.run_id);
    if (parts === undefined) runs.set(row.run_id, (parts = { run: undefined, changes: [], decisions: [], checkpoints: [] }));
    if (row.kind === 'run') parts.run = row;
    else if (row.kind === 'change') parts.changes.push(row);
    else if (row.kind === 'decision') parts.decisions.push(row);
    else parts.checkpoints.push(row);
  }
  return runs;
}

/** What the changes say in the order of their numbers: a task's final state, or the name of a stage that is pending again. */
function finalTasks(changes: LoadRow[], saved: ReadonlyMap<string, JsonValue>): Map<string, TaskState> {
  changes.sort((a, b) => (a.n1 ?? 0) - (b.n1 ?? 0));
  const tasks = new Map<string, TaskState>();
  for (const { j1 } of changes) {
    for (const entry of decodeJson(j1) as unknown as readonly (TaskState | string)[]) {
      if (typeof entry === 'string') tasks.delete(entry);
      else tasks.set(entry.stage, withCheckpoint(entry, saved));
    }
  }
  return tasks;
}

/** Unfinished tasks, which count instead of what was final before. */
function addLiveTasks(tasks: Map<string, TaskState>, run: LoadRow, saved: ReadonlyMap<string, JsonValue>, marks: SentMarks): void {
  if (run.live === null) return;
  const common = run.sent === null ? UNKNOWN : toSent(decodeJson(run.sent));
  for (const { sent, ...state } of decodeJson(run.live) as unknown as readonly (TaskState & { readonly sent?: JsonValue })[]) {
    const task = withCheckpoint(state, saved);
    if (isOutstanding(task)) marks.note(task, sent === undefined ? common : toSent(sent));
    tasks.set(task.stage, task);
  }
}

function toSent(value: JsonValue): Sent {
  const [orchestrator, batch, epoch] = value as [string | null, number | null, string | null];
  return { orchestrator: orchestrator ?? '', batch: batch ?? 0, epoch: epoch ?? '' };
}

function withCheckpoint(task: TaskState, saved: ReadonlyMap<string, JsonValue>): TaskState {
  const checkpoint = saved.get(task.stage);
  return checkpoint === undefined ? task : { ...task, checkpoint };
}

function decodeRun(row: LoadRow, tasks: RunState['tasks'], decisions: RunState['decisions']): RunState {
  return {
    id: row.run_id,
    tenant: row.a,
    pipeline: row.b,
    status: row.c as RunState['status'],
    correlationId: decodeText(row.d ?? ''),
    traceparent: decodeText(row.e ?? ''),
    version: row.n1 ?? 0,
    seq: row.n2 ?? 0,
    priority: row.n3 ?? 0,
    slot: row.slot ?? false,
    createdAt: row.t1 ?? 0,
    input: decodeJson(row.j1),
    tasks,
    decisions,
    ...(row.tracestate !== null && { tracestate: decodeText(row.tracestate) }),
    ...(row.t2 !== null && { startedAt: row.t2 }),
    ...(row.t3 !== null && { finishedAt: row.t3 }),
    ...(row.t4 !== null && { deadlineAt: row.t4 }),
    ...(row.output !== null && { output: decodeJson(row.output) }),
    ...(row.error !== null && { error: decodeError(row.error) }),
  };
}

function decodeDecision(row: LoadRow): DecisionState {
  return {
    id: row.a,
    stage: row.b,
    kind: row.c as DecisionState['kind'],
    question: decodeJson(row.j1) as unknown as DecisionState['question'],
    openedAt: row.t1 ?? 0,
    ...(row.t2 !== null && { expiresAt: row.t2 }),
  };
}

function decodeError(text: string): SerializedError {
  return decodeJson(text) as JsonValue & SerializedError;
}
