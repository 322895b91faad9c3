import type { Change, DecisionState, RunState } from '../../pipeline/model.ts';
import type { NewRun } from '../store.ts';
import { type OpenedWrite, type TaskWrite, type Writes, writesOf } from '../writes.ts';
import { encodeJson, encodeText } from './json.ts';
import type { Cell } from './sql/statement.ts';

export type Row = Readonly<Record<string, Cell>>;

/** Rows of one change. `own` is the row of the run itself. */
export interface EncodedChange {
  readonly id: string;
  readonly own: Row;
  readonly tasks: readonly Row[];
  readonly events: readonly Row[];
  /** What most changes have none of; undefined when this one has none. */
  readonly rare: RareRows | undefined;
  /** Roughly, of all JSON. */
  readonly bytes: number;
}

export interface RareRows {
  readonly openedDecisions: readonly Row[];
  readonly closedDecisions: readonly Row[];
  readonly deadLetters: readonly Row[];
  readonly redriven: readonly Row[];
  readonly checkpoints: readonly Row[];
  readonly removedCheckpoints: readonly Row[];
  readonly removedTasks: readonly Row[];
}

/** A change of a run that exists. */
export function encodeChange(change: Change): EncodedChange {
  const writes = writesOf(change);
  const { state, before } = change;
  const own = {
    ...stateColumns(state, writes),
    expected: before.seq,
    requeued: state.status === 'queued' && before.status !== 'queued',
    releases: writes.releases,
    takes: writes.takes,
  };
  return encoded(change, writes, own);
}

/** A run to insert, in the form chosen. */
export function encodeNewRun(change: Change, concurrency: NewRun['concurrency']): EncodedChange {
  const writes = writesOf(change);
  const { state } = change;
  const own = {
    ...stateColumns(state, writes),
    ...{ tenant: state.tenant, pipeline: state.pipeline, version: state.version, priority: state.priority, slot: state.slot },
    input: encodeJson(state.input),
    correlation_id: encodeText(state.correlationId),
    traceparent: encodeText(state.traceparent),
    concurrency: concurrency ?? null,
    created_at: time(state.createdAt),
  };
  return encoded(change, writes, own);
}

function encoded(change: Change, writes: Writes, own: Row & { readonly id: string }): EncodedChange {
  const { state, events } = change;
  const first = events.at(0);
  const last = events.at(-1);
  const eventRows =
    first && last
      ? [{ run_id: state.id, first: first.seq, last: last.seq, tenant: state.tenant, at: time(last.at), events: encodeJson(events) }]
      : [];
  const tasks = writes.tasks.map((write) => taskRow(state, write));
  const rare = rareRows(state, writes);
  const bytes = [own, ...tasks, ...eventRows, ...(rare === undefined ? [] : partsOf(rare).flat())].reduce((sum, row) => sum + size(row), 0);
  return { id: state.id, own, tasks, events: eventRows, rare, bytes };
}

function stateColumns(state: RunState, writes: Writes): Row & { readonly id: string } {
  return {
    id: state.id,
    seq: state.seq,
    status: state.status,
    started_at: time(state.startedAt),
    finished_at: time(state.finishedAt),
    deadline_at: time(state.deadlineAt),
    due_at: time(writes.dueAt),
    output: json(state.output),
    error: json(state.error),
  };
}

function taskRow(run: RunState, { task, fresh }: TaskWrite): Row {
  const { stage, status, agent, attempt, fence, error, ...rest } = task;
  const { output, dispatchedAt, ...others } = { output: undefined, dispatchedAt: undefined, ...rest };
  const data = { ...others, checkpoint: undefined };
  return {
    ...{ run_id: run.id, stage, tenant: run.tenant, status, agent, attempt, fence, fresh },
    dispatched_at: time(dispatchedAt),
    output: json(output),
    error: json(error),
    data: encodeJson(data),
  };
}

function rareRows(run: RunState, writes: Writes): RareRows | undefined {
  const inRun = { run_id: run.id, tenant: run.tenant };
  const rows: RareRows = {
    openedDecisions: writes.opened.map((opened) => openedRow(inRun, opened)),
    closedDecisions: [
      ...writes.closed.map((closed) => ({ id: closed.id, run_id: run.id, status: 'answered', ...answerColumns(closed) })),
      ...writes.withdrawn.map((id) => ({ id, run_id: run.id, status: 'withdrawn', ...answerColumns(undefined) })),
    ],
    deadLetters: writes.deadLetters.map(({ id, stage, agent, attempt, losses, input, error, at }) => ({
      ...{ ...inRun, id, pipeline: run.pipeline, stage, agent, attempt, losses },
      ...{ input: encodeJson(input), error: encodeJson(error), at: time(at) },
    })),
    redriven: writes.redriven.map((stage) => ({ run_id: run.id, stage, at: time(writes.at ?? run.createdAt) })),
    checkpoints: writes.checkpoints.map(({ stage, fence, state }) => ({ ...inRun, stage, fence, state: encodeJson(state) })),
    removedCheckpoints: writes.checkpointsRemoved.map((stage) => ({ run_id: run.id, stage })),
    removedTasks: writes.removed.map((stage) => ({ run_id: run.id, stage })),
  };
  return partsOf(rows).some((part) => part.length > 0) ? rows : undefined;
}

function partsOf(rows: RareRows): readonly (readonly Row[])[] {
  return Object.values(rows) as readonly (readonly Row[])[];
}

function openedRow(inRun: { readonly run_id: string; readonly tenant: string }, { decision, closed }: OpenedWrite): Row {
  const { id, stage, kind, question, openedAt, expiresAt }: DecisionState = decision;
  return {
    ...{ ...inRun, id, stage, kind, status: closed === undefined ? 'open' : 'answered', question: encodeJson(question) },
    ...{ opened_at: time(openedAt), expires_at: time(expiresAt), ...answerColumns(closed) },
  };
}

function answerColumns(closed: OpenedWrite['closed']): Row {
  return {
    answer: json(closed?.answer),
    comment: closed?.comment === undefined ? null : encodeText(closed.comment),
    answered_by: closed === undefined ? null : encodeText(closed.by),
    answered_at: time(closed?.at),
  };
}

function json(value: unknown): string | null {
  return value === undefined ? null : encodeJson(value);
}

/** End of the year 9999: later times are as good as that. */
const LATEST = 253_402_300_799_999;

function time(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.min(ms, LATEST);
}

function size(row: Row): number {
  let sum = 64;
  for (const cell of Object.values(row)) if (typeof cell === 'string') sum += cell.length;
  return sum;
}
