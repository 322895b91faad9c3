import type { RunEvent, RunState } from '../../pipeline/model.ts';
import type { AuditRecord } from './audit.ts';
import type { ErrorRecord } from './errors.ts';
import type { ApiKeyRow, DeadLetterRow, DecisionRow, DispatchMark, PipelineRow } from '../store.ts';

/** Who dispatched a task's last attempt. */
export type Dispatched = Pick<DispatchMark, 'orchestrator' | 'batch' | 'epoch'>;

/** A run with what belongs to it. */
export interface RunRecord {
  state: RunState;
  readonly events: RunEvent[];
  /** By stage. */
  readonly dispatched: Map<string, Dispatched>;
  readonly concurrency: number | undefined;
  /** Has a slot and waits to be started. */
  admitted: boolean;
  dueAt: number | undefined;
}

/** Everything that the memory store holds. */
export interface Tables {
  readonly now: () => number;
  readonly runs: Map<string, RunRecord>;
  /** The runs that are not over. */
  readonly unfinished: Map<string, RunRecord>;
  /** Held slots by {@link slotKey}. */
  readonly slots: Map<string, number>;
  /** By tenant and key. */
  readonly idempotency: Map<string, { readonly run: string; readonly hash: string }>;
  readonly decisions: Map<string, DecisionRow & { readonly tenant: string }>;
  readonly deadLetters: Map<string, DeadLetterRow & { readonly tenant: string }>;
  /** Versions from 1, by tenant and name. */
  readonly pipelines: Map<string, { readonly tenant: string; readonly name: string; readonly versions: PipelineRow[] }>;
  /** By tenant and fingerprint. */
  readonly errorGroups: Map<string, ErrorRecord>;
  /** The last flush of each process. */
  readonly errorFlushes: Map<string, number>;
  /** By id. */
  readonly auditRecords: Map<string, AuditRecord>;
  readonly kinds: Set<string>;
  readonly apiKeys: Map<string, ApiKeyRow & { readonly hash: string }>;
  readonly orchestrators: Map<string, { readonly published: number; readonly seenAt: number }>;
  epoch: string | undefined;
}

export function createTables(now: () => number): Tables {
  return {
    now,
    runs: new Map(),
    unfinished: new Map(),
    slots: new Map(),
    idempotency: new Map(),
    decisions: new Map(),
    deadLetters: new Map(),
    pipelines: new Map(),
    errorGroups: new Map(),
    errorFlushes: new Map(),
    auditRecords: new Map(),
    kinds: new Set(),
    apiKeys: new Map(),
    orchestrators: new Map(),
    epoch: undefined,
  };
}

/** Two names as one key; no pair of other names gives the same. */
export function pairKey(first: string, second: string): string {
  return `${String(first.length)}:${first}${second}`;
}

export function slotKey(state: RunState): string {
  return pairKey(state.tenant, state.pipeline);
}
