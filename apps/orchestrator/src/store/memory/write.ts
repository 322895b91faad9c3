import type { Change } from '../../pipeline/model.ts';
import { FINAL_RUN_STATUSES } from '../../pipeline/model.ts';
import { createdAs } from '../created-as.ts';
import type { Creation, DispatchMark, NewRun, Store } from '../store.ts';
import { type Writes, writesOf } from '../writes.ts';
import { applyChange } from './apply.ts';
import { pairKey, type RunRecord, slotKey, type Tables } from './tables.ts';

/** Creating and changing runs. */
export function writeMethods(tables: Tables): Pick<Store, 'create' | 'commit' | 'load'> {
  return {
    create: (runs, mark) => Promise.resolve().then(() => runs.map((run) => createRun(tables, run, mark))),
    commit: (changes, mark) => Promise.resolve().then(() => commitAll(tables, changes, mark)),
    load: (ids) => Promise.resolve(new Map(ids.flatMap((id) => loadOne(tables, id)))),
  };
}

function createRun(tables: Tables, run: NewRun, mark: DispatchMark): Creation {
  const { tenant, id } = run.queued.state;
  const key = run.idempotency && pairKey(tenant, run.idempotency.key);
  const earlier = key === undefined ? undefined : tables.idempotency.get(key);
  if (earlier !== undefined && earlier.hash !== run.idempotency?.hash) return { status: 'key-reused', run: earlier.run };
  const existing = tables.runs.get(earlier?.run ?? id);
  if (existing !== undefined) return { status: 'repeated', run: existing.state.id, runStatus: existing.state.status };
  const change = createdAs(run, isSlotFree(tables, run));
  const writes = writesOf(change);
  if (key !== undefined && run.idempotency !== undefined) tables.idempotency.set(key, { run: id, hash: run.idempotency.hash });
  const record = emptyRecord(change, run.concurrency);
  tables.runs.set(id, record);
  applyChange(tables, record, change, { ...writes, takes: change.state.slot }, mark);
  return { status: 'created', change };
}

/** A slot for which others wait already is not free. */
function isSlotFree(tables: Tables, { started, concurrency }: NewRun): boolean {
  if (concurrency === undefined || FINAL_RUN_STATUSES.has(started.state.status)) return true;
  const key = slotKey(started.state);
  if ((tables.slots.get(key) ?? 0) >= concurrency) return false;
  for (const { state, admitted } of tables.unfinished.values()) {
    if (state.status === 'queued' && !admitted && slotKey(state) === key) return false;
  }
  return true;
}

function emptyRecord({ state }: Change, concurrency: number | undefined): RunRecord {
  const blank = { ...state, seq: 0, slot: false, tasks: new Map(), decisions: new Map() };
  return { state: blank, events: [], dispatched: new Map(), concurrency, admitted: false, dueAt: undefined };
}

/** All changes are examined before the first is written. A faulty one is left out, as in Postgres, unless it stands alone. */
function commitAll(tables: Tables, changes: readonly Change[], mark: DispatchMark): ReadonlySet<string> {
  const written = new Set<string>();
  const checked = changes.length === 1 ? changes.map(examined) : changes.flatMap(examinedIfSound);
  for (const { change, writes } of checked) {
    const record = tables.runs.get(change.state.id);
    if (record?.state.seq !== change.before.seq) continue;
    applyChange(tables, record, change, writes, mark);
    written.add(change.state.id);
  }
  return written;
}

function examined(change: Change): { readonly change: Change; readonly writes: Writes } {
  return { change, writes: writesOf(change) };
}

function examinedIfSound(change: Change): readonly ReturnType<typeof examined>[] {
  try {
    return [examined(change)];
  } catch {
    return [];
  }
}

function loadOne(tables: Tables, id: string): [string, RunRecord['state']][] {
  const record = tables.runs.get(id);
  if (record === undefined) return [];
  const { state } = record;
  return [[id, { ...state, tasks: new Map(state.tasks), decisions: new Map(state.decisions) }]];
}
