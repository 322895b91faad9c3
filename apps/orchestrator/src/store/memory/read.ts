import { isUuid } from '@mainstay/types';
import type { RunEvent, RunState } from '../../pipeline/model.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { DeadLetterFilter, DeadLetterRow, Page, PageRequest, RunSummary, Store } from '../store.ts';
import { deadLetterStatus } from '../dead-letter-status.ts';
import { addRecords } from './audit.ts';
import type { Tables } from './tables.ts';

type ReadMethods = Pick<Store, 'run' | 'runs' | 'events' | 'decision' | 'decisions' | 'deadLetter' | 'deadLetters' | 'discardDeadLetter'>;

/** What users read: each only of its own tenant. */
export function readMethods(tables: Tables): ReadMethods {
  const own = <T extends { readonly tenant: string }>(tenant: string, row: T | undefined): T | undefined =>
    row?.tenant === tenant ? row : undefined;
  return {
    run: (tenant, id) => Promise.resolve(own(tenant, tables.runs.get(id)?.state)),
    runs: async (tenant, { status, pipeline }, page) =>
      await newestFirst(
        [...tables.runs.values()].map(({ state }) => state),
        (run) => run.tenant === tenant && (status ?? run.status) === run.status && (pipeline ?? run.pipeline) === run.pipeline,
        page,
        summary,
      ),
    events: (tenant, run, after, limit) => Promise.resolve(eventsAfter(tables, tenant, run, after, limit)),
    decision: (tenant, id) => Promise.resolve(withoutTenant(own(tenant, tables.decisions.get(id)))),
    decisions: async (tenant, { status, run }, page) =>
      await newestFirst(
        [...tables.decisions.values()],
        (row) => row.tenant === tenant && (status ?? row.status) === row.status && (run ?? row.run) === row.run,
        page,
        withoutTenant,
      ),
    deadLetter: (tenant, id) => Promise.resolve(withoutTenant(own(tenant, tables.deadLetters.get(id)))),
    deadLetters: async (tenant, page, filter = {}) =>
      await newestFirst([...tables.deadLetters.values()], (row) => row.tenant === tenant && isMeant(row, filter), page, withoutTenant),
    discardDeadLetter: (tenant, id, by, reason, records) => {
      const row = own(tenant, tables.deadLetters.get(id));
      if (row === undefined || deadLetterStatus(row) !== 'waiting') return Promise.resolve(false);
      tables.deadLetters.set(id, Object.freeze({ ...row, discardedAt: tables.now(), discardedBy: by, discardReason: reason }));
      addRecords(tables, records);
      return Promise.resolve(true);
    },
  };
}

function isMeant(row: DeadLetterRow, { status, run, pipeline, stage, agent, code }: DeadLetterFilter): boolean {
  return (
    (status === undefined || deadLetterStatus(row) === status) &&
    (run ?? row.run) === row.run &&
    (pipeline ?? row.pipeline) === row.pipeline &&
    (stage ?? row.stage) === row.stage &&
    (agent ?? row.agent) === row.agent &&
    (code ?? row.error.code) === row.error.code
  );
}

/** Ids sort by time of creation. */
export function newestFirst<T extends { readonly id: string }, R extends { readonly id: string }>(
  rows: readonly T[],
  matches: (row: T) => boolean,
  page: PageRequest,
  show: (row: T) => R,
): Promise<Page<R>> {
  return Promise.resolve().then(() => {
    const before = cursorKey(page, isUuid);
    const found = rows.filter((row) => (before === undefined || row.id < before) && matches(row));
    found.sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
    return toPage(found.slice(0, pageLimit(page) + 1).map(show), pageLimit(page), ({ id }) => id);
  });
}

function eventsAfter(tables: Tables, tenant: string, run: string, after: number, limit: number): readonly RunEvent[] | undefined {
  const record = tables.runs.get(run);
  if (record?.state.tenant !== tenant) return undefined;
  const from = Math.max(0, after);
  return record.events.slice(from, from + Math.max(0, limit));
}

function summary({ id, pipeline, version, status, priority, error, createdAt, startedAt, finishedAt }: RunState): RunSummary {
  return {
    ...{ id, pipeline, version, status, priority, createdAt },
    ...(error && { error }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
  };
}

function withoutTenant<T extends { readonly tenant: string } | undefined>(
  row: T,
): T extends undefined ? undefined : Omit<NonNullable<T>, 'tenant'>;
function withoutTenant(row: { readonly tenant: string } | undefined): object | undefined {
  if (row === undefined) return undefined;
  const rest = { ...row };
  Reflect.deleteProperty(rest, 'tenant');
  return rest;
}
