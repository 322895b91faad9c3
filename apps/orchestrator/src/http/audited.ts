import type { JsonObject } from '@mainstay/types';
import type { AuditAction, AuditEntry } from '../store/audit.ts';
import { newAuditEntry } from '../store/audit-entry.ts';
import type { Principal } from './auth/principal.ts';
import type { TraceContext } from './trace-context.ts';

interface Asked {
  readonly principal: Principal;
  readonly trace: Pick<TraceContext, 'correlationId'>;
}

/** What is written down of a request. */
export interface Done {
  readonly action: AuditAction;
  readonly target: string;
  readonly details?: JsonObject;
  /** Default: that of whoever asks. */
  readonly tenant?: string;
}

/** The facts of a record, for `services.audit`. */
export function auditFacts({ principal, trace }: Asked, { action, target, details = {}, tenant }: Done): Omit<AuditEntry, 'id'> {
  const { correlationId } = trace;
  return { tenant: tenant ?? principal.tenant, actor: principal.name, action, target, details, correlationId };
}

/** The record, for the store that does what it tells of. */
export function auditEntry(asked: Asked, done: Done): AuditEntry {
  return newAuditEntry(auditFacts(asked, done));
}
