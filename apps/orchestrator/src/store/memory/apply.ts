import type { JsonValue } from '@mainstay/types';
import { type Change, FINAL_RUN_STATUSES, type RunState, type TaskState } from '../../pipeline/model.ts';
import type { DecisionRow, DispatchMark } from '../store.ts';
import type { OpenedWrite, Writes } from '../writes.ts';
import { addRecords } from './audit.ts';
import { freezeDeep } from './freeze.ts';
import { type RunRecord, slotKey, type Tables } from './tables.ts';

/** Writes a change into a run's record and all that hangs on it. The caller has checked that it applies. */
export function applyChange(tables: Tables, record: RunRecord, change: Change, writes: Writes, mark: DispatchMark): void {
  const requeued = change.state.status === 'queued' && change.before.status !== 'queued';
  const admitted = record.admitted && change.state.status === 'queued' && !requeued;
  record.dueAt = admitted ? record.dueAt : writes.dueAt;
  record.admitted = admitted;
  record.state = mergedState(record, change, writes, moveSlot(tables, record, writes));
  record.events.push(...change.events.map(freezeDeep));
  if (FINAL_RUN_STATUSES.has(change.state.status)) tables.unfinished.delete(change.state.id);
  else tables.unfinished.set(change.state.id, record);
  for (const { task, fresh } of writes.tasks) if (fresh) record.dispatched.set(task.stage, mark);
  writeDecisions(tables, change.state, writes);
  writeDeadLetters(tables, change.state, writes);
}

/** Only rows that the change names are taken over. */
function mergedState(record: RunRecord, change: Change, writes: Writes, slot: boolean): RunState {
  const tasks = new Map(record.state.tasks);
  for (const { task } of writes.tasks) tasks.set(task.stage, withCheckpoint(task, tasks.get(task.stage)?.checkpoint));
  for (const stage of writes.removed) tasks.delete(stage);
  for (const { stage, state } of writes.rare.checkpoints) {
    const task = tasks.get(stage);
    if (task !== undefined) tasks.set(stage, withCheckpoint(task, state));
  }
  for (const stage of writes.rare.checkpointsRemoved) {
    const task = tasks.get(stage);
    if (task !== undefined) tasks.set(stage, withCheckpoint(task, undefined));
  }
  for (const task of tasks.values()) freezeDeep(task);
  const { id, tenant, pipeline, version, input, priority, correlationId, traceparent, tracestate, createdAt } = record.state;
  freezeDeep([input, change.state.output, change.state.error]);
  return Object.freeze({
    ...change.state,
    ...{ id, tenant, pipeline, version, input, priority, correlationId, traceparent, createdAt, slot, tasks },
    decisions: openDecisions(record.state, writes),
    ...(tracestate === undefined ? undefined : { tracestate }),
  });
}

function withCheckpoint(task: TaskState, checkpoint: TaskState['checkpoint']): TaskState {
  if (task.checkpoint === checkpoint) return task;
  if (checkpoint !== undefined) return { ...task, checkpoint };
  const rest = { ...task };
  Reflect.deleteProperty(rest, 'checkpoint');
  return rest;
}

function openDecisions(stored: RunState, writes: Writes): RunState['decisions'] {
  const open = new Map(stored.decisions);
  for (const { decision, closed } of writes.rare.opened) if (closed === undefined) open.set(decision.id, freezeDeep(decision));
  for (const { id } of writes.rare.closed) open.delete(id);
  for (const id of writes.rare.withdrawn) open.delete(id);
  return open;
}

/** Only runs with a limit hold slots. */
function moveSlot(tables: Tables, record: RunRecord, writes: Writes): boolean {
  const held = record.state.slot;
  const holds = record.concurrency !== undefined && !writes.releases && (held || writes.takes);
  if (holds !== held) countSlot(tables, record.state, holds ? 1 : -1);
  return holds;
}

export function countSlot(tables: Tables, state: RunState, by: 1 | -1): void {
  const key = slotKey(state);
  tables.slots.set(key, Math.max(0, (tables.slots.get(key) ?? 0) + by));
}

function writeDecisions(tables: Tables, run: RunState, writes: Writes): void {
  for (const opened of writes.rare.opened) tables.decisions.set(opened.decision.id, { ...openedRow(run, opened), tenant: run.tenant });
  for (const { id, at, ...answer } of writes.rare.closed) {
    const row = tables.decisions.get(id);
    if (row?.status === 'open') tables.decisions.set(id, freezeDeep({ ...row, ...answer, status: 'answered', answeredAt: at }));
  }
  for (const id of writes.rare.withdrawn) if (tables.decisions.get(id)?.status === 'open') tables.decisions.delete(id);
}

function openedRow(run: RunState, { decision, closed }: OpenedWrite): DecisionRow {
  const row: DecisionRow = { ...decision, question: asObject(decision.question), run: run.id, status: 'open' };
  if (closed === undefined) return freezeDeep(row);
  const { at, ...answer } = closed;
  return freezeDeep({ ...row, ...answer, status: 'answered', answeredAt: at });
}

/** A question is JSON; its optional fields are left out rather than undefined. */
function asObject(question: object): DecisionRow['question'] {
  const entries = Object.entries(question) as [string, JsonValue | undefined][];
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function writeDeadLetters(tables: Tables, run: RunState, writes: Writes): void {
  for (const row of writes.rare.redriven.length === 0 ? [] : tables.deadLetters.values()) {
    if (row.run === run.id && writes.rare.redriven.includes(row.stage) && row.redrivenAt === undefined) {
      tables.deadLetters.set(row.id, Object.freeze({ ...row, redrivenAt: writes.at ?? tables.now() }));
      const told = writes.rare.redriveRecords.filter(({ stage }) => stage === row.stage);
      addRecords(
        tables,
        told.map(({ stage: _stage, ...record }) => ({ ...record, target: row.id })),
      );
    }
  }
  for (const letter of writes.rare.deadLetters) {
    tables.deadLetters.set(letter.id, freezeDeep({ ...letter, run: run.id, pipeline: run.pipeline, tenant: run.tenant }));
  }
}
