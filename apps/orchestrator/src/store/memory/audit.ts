import { randomUUID } from 'node:crypto';
import {
  type AuditEntry,
  auditKey,
  type AuditPlace,
  auditPlace,
  type AuditRow,
  type AuditStore,
  isAuditKey,
  SYSTEM_ACTOR,
} from '../audit.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import { freezeDeep } from './freeze.ts';
import type { Tables } from './tables.ts';

/** A record of the memory store. */
export interface AuditRecord extends AuditRow {
  readonly tenant: string;
}

/** What was done, by whom. */
export function auditMethods(tables: Tables): AuditStore {
  return {
    record: (entries) => {
      addRecords(tables, entries);
      return Promise.resolve();
    },
    auditRecords: (tenant, { action, actor, target, after, before }, page) =>
      Promise.resolve().then(() => {
        const key = cursorKey(page, isAuditKey);
        const place = key === undefined ? undefined : auditPlace(key);
        const found = [...tables.auditRecords.values()].filter(
          (row) =>
            row.tenant === tenant &&
            (action ?? row.action) === row.action &&
            (actor ?? row.actor) === row.actor &&
            (target ?? row.target) === row.target &&
            (after === undefined || row.at > after) &&
            (before === undefined || row.at < before) &&
            (place === undefined || newestFirst(place, row) < 0),
        );
        return toPage(found.toSorted(newestFirst).map(show), pageLimit(page), auditKey);
      }),
    purgeAudit: (before, limit) => Promise.resolve(purge(tables, before, limit)),
  };
}

/** Adds records with the time of the store; those that are there stay as they are. */
export function addRecords(tables: Tables, entries: readonly AuditEntry[]): void {
  const at = tables.now();
  for (const entry of entries) {
    if (!tables.auditRecords.has(entry.id)) tables.auditRecords.set(entry.id, freezeDeep(structuredClone({ ...entry, at })));
  }
}

function purge(tables: Tables, before: number, limit: number): number {
  const old = [...tables.auditRecords.values()].filter(({ at }) => at < before);
  const gone = old.toSorted((a, b) => newestFirst(b, a)).slice(0, Math.max(0, limit));
  for (const { id } of gone) tables.auditRecords.delete(id);
  const told = Map.groupBy(
    gone.filter(({ action }) => action !== 'audit.purged'),
    ({ tenant }) => tenant,
  );
  const details = { writtenBefore: new Date(before).toISOString() };
  addRecords(
    tables,
    [...told].map(([tenant, rows]) => ({
      ...{ id: randomUUID(), tenant, actor: SYSTEM_ACTOR, action: 'audit.purged', target: 'audit', correlationId: '' },
      details: { ...details, records: rows.length },
    })),
  );
  return gone.length;
}

function newestFirst(a: AuditPlace, b: AuditPlace): number {
  return b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function show({ tenant: _tenant, ...row }: AuditRecord): AuditRow {
  return row;
}
