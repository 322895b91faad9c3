import type { JsonObject } from '@mainstay/types';
import type { Page, PageRequest } from './store.ts';

/** Everything that is written down, declared once. The names stay: records with them are kept for years. */
export const AUDIT_ACTIONS = [
  'dead-letter.redriven',
  'dead-letter.edited',
  'dead-letter.discarded',
  'api-key.created',
  'api-key.revoked',
  /** By a person, for all processes. */
  'emergency.declared',
  'emergency.ended',
  /** By one process, an orchestrator or a worker: by itself, or because a person said so. */
  'emergency.entered',
  'emergency.left',
  'garbage.collected',
  'log-level.changed',
  'profile.taken',
  'runs.removed',
  /** A process began with other times for which things are kept than the record before says, or there was none. */
  'retention.changed',
  /** A new version was stored. */
  'pipeline.changed',
  'audit.purged',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The actor of what nobody asked for. */
export const SYSTEM_ACTOR = 'system';

/** A record to add: see `audit-entry.ts` for its bounds. */
export interface AuditEntry {
  /** A UUID; an entry that comes again under it is written once. */
  readonly id: string;
  readonly tenant: string;
  /** `key:<id>`, `jwt:<subject>`, `admin` or `system`; never a secret. */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to, by its id. */
  readonly target: string;
  readonly details: JsonObject;
  readonly correlationId: string;
}

/** A record as it is kept. `action` may be one of a newer version. */
export interface AuditRow extends Omit<AuditEntry, 'tenant' | 'action'> {
  readonly action: string;
  /** Store time at which it was written. */
  readonly at: number;
}

/** All that is given must hold. */
export interface AuditFilter {
  readonly action?: string;
  readonly actor?: string;
  readonly target?: string;
  /** Store times: written after the one and before the other. */
  readonly after?: number;
  readonly before?: number;
}

/** What was done, by whom: records are added and read, and leave by retention alone. */
export interface AuditStore {
  /** Adds records, all or none; those whose ids are there already are passed over. */
  record(entries: readonly AuditEntry[]): Promise<void>;
  /** The newest first. */
  auditRecords(tenant: string, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRow>>;
  /**
   * Removes records of all tenants that were written before the given time, the oldest first and at most `limit`; returns how many.
   * Each tenant gets a record of it, unless nothing but such records were removed.
   */
  purgeAudit(before: number, limit: number): Promise<number>;
}

/** Where a page of records goes on. */
export type AuditPlace = Pick<AuditRow, 'at' | 'id'>;

const KEY = /^(\d{1,15}) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export function auditKey({ at, id }: AuditPlace): string {
  return `${String(at)} ${id}`;
}

export function isAuditKey(key: string): boolean {
  return KEY.test(key);
}

export function auditPlace(key: string): AuditPlace {
  const [, at = '', id = ''] = KEY.exec(key) ?? [];
  return { at: Number(at), id };
}
