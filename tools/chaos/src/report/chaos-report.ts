import type { VerifyReport } from '@mainstay/verify';
import type { Fault } from '../faults/inject.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { KindSummary, Recovery } from './recovery.ts';

export interface ChaosReport {
  readonly ok: boolean;
  /** Why not; empty when all is well. */
  readonly problems: readonly string[];
  /** Recovery times beyond their bounds; part of the verdict when asked for. */
  readonly slow: readonly string[];
  readonly seed: number;
  readonly durationMs: number;
  /** Faults that could not be made here, with the reason. */
  readonly skipped: readonly { readonly kind: FaultKind; readonly why: string }[];
  readonly runs: {
    readonly accepted: number;
    readonly lost: number;
    /** Ended otherwise than their pipeline promises. */
    readonly wrong: number;
    readonly refused: number;
  };
  readonly steps: {
    readonly done: number;
    /** Attempts beyond the first, by the events. */
    readonly repeatedAttempts: number;
    /** Effects beyond the first of a task, by what the agents noted: what an idempotency key is for. */
    readonly repeatedEffects: number;
    /** Tasks of which two outputs were accepted. */
    readonly duplicated: number;
  };
  readonly leaks: readonly string[];
  readonly kinds: readonly KindSummary[];
  readonly faults: readonly (Fault & Recovery)[];
  readonly verify: VerifyReport;
  /** Steps done in each second from `beginAt` on. */
  readonly throughput: readonly number[];
  readonly beginAt: number;
}
