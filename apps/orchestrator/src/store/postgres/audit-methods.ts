import type { JsonObject } from '@mainstay/types';
import { type AuditEntry, auditKey, auditPlace, type AuditRow, type AuditStore, isAuditKey, SYSTEM_ACTOR } from '../audit.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { Database, Parameter } from './database.ts';
import { decodeJson, decodeText, encodeJson, encodeText } from './json.ts';
import { isStorable } from './run-methods.ts';
import * as sql from './sql/audit.ts';

interface RecordRow {
  readonly id: string;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  /** JSON. */
  readonly details: string;
  readonly correlation_id: string;
}

/** What was done, by whom. */
export function auditMethods(database: Database): AuditStore {
  return {
    record: async (entries) => {
      if (entries.length > 0) await database.query(sql.record, recordParameters(entries));
    },
    auditRecords: async (tenant, { action, actor, target, after, before }, page) => {
      const limit = pageLimit(page);
      const key = cursorKey(page, isAuditKey);
      if (!isStorable(tenant + (action ?? ''))) return { items: [] };
      const place = key === undefined ? undefined : auditPlace(key);
      const rows = await database.query<RecordRow>(sql.auditRecords, [
        ...[tenant, action ?? null, encoded(actor), encoded(target), after ?? null, before ?? null],
        ...[place?.at ?? null, place?.id ?? null, limit + 1],
      ]);
      return toPage(rows.map(toRecord), limit, auditKey);
    },
    purgeAudit: async (before, limit) =>
      await database.transaction('purge-audit', async (runner) => {
        await runner.query(sql.allowPurge, [before]);
        const parameters = [before, Math.max(0, limit), new Date(before).toISOString(), SYSTEM_ACTOR];
        return (await runner.query<{ n: number }>(sql.purgeAudit, parameters))[0]?.n ?? 0;
      }),
  };
}

/** Parameters of `insertRecords`. */
export function recordParameters(entries: readonly AuditEntry[]): readonly Parameter[] {
  return sql.auditEntries.parameters(
    entries.map(({ id, tenant, actor, action, target, details, correlationId }) => ({
      ...{ id, tenant: encodeText(tenant), actor: encodeText(actor), action, target: encodeText(target) },
      ...{ details: encodeJson(details), correlation_id: encodeText(correlationId) },
    })),
  );
}

function encoded(text: string | undefined): string | null {
  return text === undefined ? null : encodeText(text);
}

function toRecord({ id, at_ms: at, actor, action, target, details, correlation_id: correlationId }: RecordRow): AuditRow {
  return {
    ...{ id, at, actor: decodeText(actor), action, target: decodeText(target) },
    ...{ details: decodeJson(details) as JsonObject, correlationId: decodeText(correlationId) },
  };
}
