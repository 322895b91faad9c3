/** What is stored of one run. Times are not needed; JSON of the hot path comes as the text that was stored. */
export interface RunFacts {
  readonly run: RunRow;
  /** In the order of their numbers. */
  readonly changes: readonly ChangeRow[];
  readonly decisions: readonly DecisionRow[];
  readonly deadLetters: readonly DeadLetterRow[];
  readonly checkpoints: readonly CheckpointRow[];
  /** Undefined: it is missing. */
  readonly definition: Definition | undefined;
}

export interface RunRow {
  readonly id: string;
  readonly tenant: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: string;
  readonly seq: number;
  readonly concurrency: number | null;
  readonly slot: boolean;
  readonly admitted: boolean;
  readonly has_finished_at: boolean;
  readonly has_due_at: boolean;
  readonly dispatcher: string | null;
  readonly epoch: string | null;
  readonly live: string | null;
  readonly output: string | null;
  readonly has_error: boolean;
  readonly idempotency_key: string | null;
  /** Run that the row of its idempotency key names. */
  readonly key_run: string | null;
}

export interface ChangeRow {
  readonly run_id: string;
  readonly tenant: string;
  readonly last: number;
  readonly events: string;
  readonly tasks: string | null;
}

export interface DecisionRow {
  readonly run_id: string;
  readonly tenant: string;
  readonly id: string;
  readonly stage: string;
  readonly status: string;
}

export interface DeadLetterRow {
  readonly run_id: string;
  readonly tenant: string;
  readonly id: string;
  readonly stage: string;
  readonly redriven: boolean;
}

export interface CheckpointRow {
  readonly run_id: string;
  readonly tenant: string;
  readonly stage: string;
  readonly fence: number;
}

/** As much of a pipeline's definition as the checks need. */
export interface Definition {
  readonly output?: unknown;
  readonly stages: readonly { readonly id: string; readonly needs: readonly string[] }[];
}

export const FINAL_STATUSES: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);
export const ACTIVE_STATUSES: ReadonlySet<string> = new Set(['running', 'waiting', 'paused', 'suspended']);
