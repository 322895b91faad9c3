import type { EmergencyRecord } from '@mainstay/hardening';
import type { Transport } from '@mainstay/transport';
import type { JsonObject, WorkerEmergency } from '@mainstay/types';
import { SYSTEM_ACTOR } from '../store/audit.ts';
import { auditIdOf, type AuditFacts } from '../store/audit-entry.ts';
import type { AuditNotes } from './audit-notes.ts';

/** Writes down when this process enters and leaves emergency mode, whatever began it. What was done then is in the log. */
export function emergencyAudit(notes: AuditNotes, tenant: string): (record: EmergencyRecord) => Promise<void> {
  return async ({ process, change, ...record }) => {
    if (change !== 'acted') await notes.note(factsOf(tenant, process, { change, ...record }));
  };
}

/** Emergencies that are known to be written down or on their way; beyond, the oldest are written again, which changes nothing. */
const MAX_KNOWN = 10_000;

/**
 * Writes down the same of workers, which have no database and tell it in their heartbeats. Every orchestrator does, under the same id, so that
 * one record remains. The transport must be started. Returns what ends it.
 */
export function auditWorkerEmergencies(transport: Transport, notes: AuditNotes, tenant: string): () => void {
  const known = new Set<string>();
  return transport.onControl((message) => {
    if (message.type !== 'heartbeat') return;
    for (const emergency of message.emergencies ?? []) {
      const id = auditIdOf('emergency', message.worker, String(emergency.at), emergency.change);
      if (known.has(id)) continue;
      known.add(id);
      const [oldest] = known;
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      void notes.note({ id, ...factsOf(tenant, message.worker, emergency) });
    }
  });
}

type Emergency = Omit<WorkerEmergency, 'triggers'> & { readonly triggers: readonly string[] };

function factsOf(tenant: string, process: string, { change, at, triggers, reason, by }: Emergency): AuditFacts {
  const action = change === 'entered' ? 'emergency.entered' : 'emergency.left';
  const details: JsonObject = { triggers: [...triggers], at: new Date(at).toISOString(), ...(reason !== undefined && { reason }) };
  return { tenant, actor: by ?? SYSTEM_ACTOR, action, target: process, details, correlationId: '' };
}
