import type { EmergencyRecord } from '@mainstay/hardening';
import type { JsonObject } from '@mainstay/types';
import { SYSTEM_ACTOR } from '../store/audit.ts';
import type { AuditNotes } from './audit-notes.ts';

/** Writes down when this process enters and leaves emergency mode, whatever began it. What was done then is in the log. */
export function emergencyAudit(notes: AuditNotes, tenant: string): (record: EmergencyRecord) => Promise<void> {
  return async ({ process, change, at, triggers, reason, by }) => {
    if (change === 'acted') return;
    const action = change === 'entered' ? 'emergency.entered' : 'emergency.left';
    const details: JsonObject = { triggers, at: new Date(at).toISOString(), ...(reason !== undefined && { reason }) };
    await notes.note({ tenant, actor: by ?? SYSTEM_ACTOR, action, target: process, details, correlationId: '' });
  };
}
