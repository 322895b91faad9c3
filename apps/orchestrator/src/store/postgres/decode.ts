import type { JsonObject, JsonValue, SerializedError } from '@mainstay/types';
import type { DecisionState, RunState, TaskState } from '../../pipeline/model.ts';
import { decodeJson, decodeText } from './json.ts';
import type { LoadRow } from './sql/load.ts';

/** Runs from the rows of the statement `load`. */
export function decodeRuns(rows: readonly LoadRow[]): Map<string, RunState> {
  const tasks = new Map<string, Map<string, TaskState>>();
  const decisions = new Map<string, Map<string, DecisionState>>();
  for (const row of rows) {
    if (row.kind === 'task') within(tasks, row.run_id).set(row.a, decodeTask(row));
    else if (row.kind === 'decision') within(decisions, row.run_id).set(row.a, decodeDecision(row));
  }
  const runs = new Map<string, RunState>();
  for (const row of rows) {
    if (row.kind === 'run') runs.set(row.run_id, decodeRun(row, within(tasks, row.run_id), within(decisions, row.run_id)));
  }
  return runs;
}

function within<T>(groups: Map<string, Map<string, T>>, run: string): Map<string, T> {
  let group = groups.get(run);
  if (group === undefined) groups.set(run, (group = new Map<string, T>()));
  return group;
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
    ...(row.t2 !== null && { startedAt: row.t2 }),
    ...(row.t3 !== null && { finishedAt: row.t3 }),
    ...(row.t4 !== null && { deadlineAt: row.t4 }),
    ...(row.output !== null && { output: decodeJson(row.output) }),
    ...(row.error !== null && { error: decodeError(row.error) }),
  };
}

function decodeTask(row: LoadRow): TaskState {
  return {
    ...(decodeJson(row.j1) as JsonObject),
    stage: row.a,
    agent: row.b,
    status: row.c,
    attempt: row.n1,
    fence: row.n2,
    ...(row.t1 !== null && { dispatchedAt: row.t1 }),
    ...(row.output !== null && { output: decodeJson(row.output) }),
    ...(row.error !== null && { error: decodeError(row.error) }),
    ...(row.checkpoint !== null && { checkpoint: decodeJson(row.checkpoint) }),
  } as unknown as TaskState;
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
