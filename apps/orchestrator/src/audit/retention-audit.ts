import type { Logger } from '@mainstay/observability';
import type { JsonObject } from '@mainstay/types';
import { type AuditStore, SYSTEM_ACTOR } from '../store/audit.ts';
import { auditIdOf } from '../store/audit-entry.ts';
import { canonicalJson } from '../store/canonical.ts';
import type { AuditNotes } from './audit-notes.ts';

export interface RetentionAuditDeps {
  readonly store: Pick<AuditStore, 'auditRecords'>;
  readonly notes: AuditNotes;
  readonly logger: Logger;
  readonly tenant: string;
  /** For how many days each thing is kept, by its name; null: for ever. */
  readonly keepDays: JsonObject;
}

/**
 * Writes down for how long things are kept when a process begins with other settings than were written down last. Orchestrators that begin
 * with the same ones at once leave one record. Never rejects: where the last record cannot be read, a later start does it.
 */
export async function auditRetention({ store, notes, logger, tenant, keepDays }: RetentionAuditDeps): Promise<void> {
  try {
    const { items } = await store.auditRecords(tenant, { action: 'retention.changed' }, { limit: 1 });
    const last = items[0];
    const [before, now] = [last?.details['keepDays'], canonicalJson(keepDays)];
    if (before !== undefined && canonicalJson(before) === now) return;
    await notes.note({
      id: auditIdOf('retention', last?.id ?? '', now),
      ...{ tenant, actor: SYSTEM_ACTOR, action: 'retention.changed', target: 'retention', correlationId: '' },
      details: { keepDays, ...(before !== undefined && { before }) },
    });
  } catch (error) {
    logger.warn({ err: error }, 'it could not be read whether the retention was changed; the next start looks again');
  }
}
