import type { RunStatus, TaskState } from '../../pipeline/model.ts';
import { toldStall } from '../../pipeline/stalled.ts';
import type { AttemptRow, RunProgress, Store } from '../store.ts';
import { countSlot } from './apply.ts';
import { type Dispatched, type RunRecord, slotKey, type Tables } from './tables.ts';

type SweepMethods = Pick<
  Store,
  'due' | 'admit' | 'suspended' | 'active' | 'progress' | 'unpublished' | 'ofOtherEpochs' | 'dispatchedBefore' | 'outstanding'
>;
type OutstandingRow = Awaited<ReturnType<Store['outstanding']>>[number];

/** What the sweeper asks. Every question looks at the unfinished runs only. */
export function sweepMethods(tables: Tables): SweepMethods {
  return {
    due: (limit) => Promise.resolve(dueRuns(tables, limit)),
    admit: (limit) => Promise.resolve(admitRuns(tables, limit)),
    suspended: (limit) => Promise.resolve(idsOf(tables, ['suspended'], undefined, limit)),
    active: (after, limit) => Promise.resolve(idsOf(tables, ['running', 'waiting'], after, limit)),
    progress: (createdBefore, after, limit) => Promise.resolve(progressOf(tables, createdBefore, after, limit)),
    unpublished: (names, limit) => Promise.resolve(attempts(tables, limit, isUnpublished(tables, new Set(names)))),
    ofOtherEpochs: (epoch, limit) => Promise.resolve(attempts(tables, limit, (_task, sent) => sent.epoch !== epoch)),
    dispatchedBefore: (agent, at, limit) => Promise.resolve(oldAttempts(tables, agent, at, limit)),
    outstanding: () => Promise.resolve(outstandingByAgent(tables)),
  };
}

function dueRuns(tables: Tables, limit: number): Awaited<ReturnType<Store['due']>> {
  const timed = [...tables.unfinished.values()].flatMap(({ state: { id }, dueAt }) => (dueAt === undefined ? [] : [{ id, dueAt }]));
  timed.sort((a, b) => a.dueAt - b.dueAt || compare(a.id, b.id));
  const now = tables.now();
  const runs = timed.slice(0, limit).filter(({ dueAt }) => dueAt <= now);
  const next = timed[runs.length];
  return { runs: runs.map(({ id }) => id), ...(next && { nextAt: next.dueAt }) };
}

function admitRuns(tables: Tables, limit: number): readonly string[] {
  const queued = [...tables.unfinished.values()].filter(({ state, admitted }) => state.status === 'queued' && !admitted);
  queued.sort((a, b) => b.state.priority - a.state.priority || a.state.createdAt - b.state.createdAt || compare(a.state.id, b.state.id));
  const admitted: string[] = [];
  for (const record of queued) {
    if (admitted.length >= limit) break;
    if (admitOne(tables, record)) admitted.push(record.state.id);
  }
  return admitted;
}

function admitOne(tables: Tables, record: RunRecord): boolean {
  if (record.concurrency !== undefined) {
    if ((tables.slots.get(slotKey(record.state)) ?? 0) >= record.concurrency) return false;
    countSlot(tables, record.state, 1);
    record.state = Object.freeze({ ...record.state, slot: true });
  }
  record.admitted = true;
  record.dueAt = tables.now();
  return true;
}

function idsOf(tables: Tables, statuses: readonly RunStatus[], after: string | undefined, limit: number): readonly string[] {
  const ids = [...tables.unfinished.values()].filter(({ state }) => statuses.includes(state.status)).map(({ state }) => state.id);
  return ids
    .filter((id) => after === undefined || id > after)
    .sort(compare)
    .slice(0, limit);
}

function progressOf(tables: Tables, createdBefore: number, after: string | undefined, limit: number): readonly RunProgress[] {
  const ids = idsOf(tables, ['running', 'waiting'], after, Infinity);
  const rows = ids.flatMap((id) => toProgress(tables.unfinished.get(id)) ?? []);
  return rows
    .filter(({ createdAt }) => createdAt < createdBefore)
    .map(({ progress }) => progress)
    .slice(0, limit);
}

function toProgress(record: RunRecord | undefined): { readonly createdAt: number; readonly progress: RunProgress } | undefined {
  if (record === undefined) return undefined;
  const { state, events, dueAt } = record;
  const { id, tenant, pipeline, status, seq, createdAt, decisions } = state;
  if (status !== 'running' && status !== 'waiting') return undefined;
  const last = events.at(-1);
  const stall = toldStall(last);
  const askedAt = Math.min(...[...decisions.values()].map(({ openedAt }) => openedAt));
  return {
    createdAt,
    progress: {
      ...{ run: id, tenant, pipeline, status, seq, changedAt: stall?.lastEventAt ?? last?.at ?? createdAt },
      ...(stall && { told: { reason: stall.reason, since: stall.since } }),
      ...(dueAt !== undefined && { dueAt }),
      ...(askedAt < Infinity && { askedAt }),
    },
  };
}

function isUnpublished(tables: Tables, names: ReadonlySet<string>): (task: TaskState, sent: Dispatched) => boolean {
  return (task, sent) =>
    task.status === 'dispatched' &&
    names.has(sent.orchestrator) &&
    sent.batch > (tables.orchestrators.get(sent.orchestrator)?.published ?? -1);
}

function attempts(tables: Tables, limit: number, wanted: (task: TaskState, sent: Dispatched) => boolean): readonly AttemptRow[] {
  const rows: AttemptRow[] = [];
  for (const { state, dispatched } of tables.unfinished.values()) {
    for (const [stage, sent] of dispatched) {
      const task = state.tasks.get(stage);
      if (task === undefined || (task.status !== 'dispatched' && task.status !== 'running') || !wanted(task, sent)) continue;
      if (rows.length >= limit) return rows;
      rows.push({ run: state.id, task: stage, fence: task.fence });
    }
  }
  return rows;
}

function oldAttempts(tables: Tables, agent: string, at: number, limit: number): readonly AttemptRow[] {
  const rows: (AttemptRow & { readonly at: number })[] = [];
  for (const { state } of tables.unfinished.values()) {
    for (const task of state.tasks.values()) {
      if (task.agent !== agent || (task.status !== 'dispatched' && task.status !== 'running') || task.dispatchedAt >= at) continue;
      rows.push({ run: state.id, task: task.stage, fence: task.fence, at: task.dispatchedAt });
    }
  }
  rows.sort((a, b) => a.at - b.at || compare(a.run, b.run) || compare(a.task, b.task));
  return rows.slice(0, limit).map(({ run, task, fence }) => ({ run, task, fence }));
}

function outstandingByAgent(tables: Tables): readonly OutstandingRow[] {
  const rows = new Map<string, OutstandingRow>();
  for (const { state } of tables.unfinished.values()) {
    for (const task of state.tasks.values()) {
      if (task.status !== 'dispatched' && task.status !== 'running') continue;
      const row = rows.get(task.agent) ?? { agent: task.agent, dispatched: 0, running: 0 };
      rows.set(task.agent, counted(row, task));
    }
  }
  return [...rows.values()].sort((a, b) => compare(a.agent, b.agent));
}

function counted(row: OutstandingRow, task: Extract<TaskState, { dispatchedAt: number }>): OutstandingRow {
  if (task.status === 'running') return { ...row, running: row.running + 1 };
  return { ...row, dispatched: row.dispatched + 1, oldestAt: Math.min(row.oldestAt ?? Infinity, task.dispatchedAt) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
