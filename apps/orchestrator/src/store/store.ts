import type { JsonObject, JsonValue, SerializedError } from '@mainstay/types';
import type { AuditEntry, AuditStore } from './audit.ts';
import type { ErrorStore } from './errors.ts';
import type { Change, Definition, FinalRunStatus, RunEvent, RunState, RunStatus } from '../pipeline/model.ts';
import type { ToldStall } from '../pipeline/stalled.ts';

// ── rows as users see them ───────────────────────────────────────────────────────────────────────────────────────────

/** One page of a listing; `cursor` continues it, absent at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

export interface PageRequest {
  readonly cursor?: string;
  /** 1 … 500. */
  readonly limit: number;
}

export interface PipelineRow {
  readonly name: string;
  readonly version: number;
  readonly definition: Definition;
  readonly createdAt: number;
}

/** A run in listings: without tasks, input and output. */
export interface RunSummary {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly priority: number;
  readonly error?: SerializedError;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** That a run is over. */
export interface RunEnd {
  readonly run: string;
  readonly status: FinalRunStatus;
  /** Store time. */
  readonly at: number;
}

export interface DecisionRow {
  readonly id: string;
  readonly run: string;
  readonly stage: string;
  readonly kind: 'question' | 'gate';
  readonly status: 'open' | 'answered';
  readonly question: JsonObject;
  readonly openedAt: number;
  readonly expiresAt?: number;
  readonly answer?: JsonValue;
  readonly comment?: string;
  readonly by?: string;
  readonly answeredAt?: number;
}

export interface DeadLetterRow {
  readonly id: string;
  readonly run: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly agent: string;
  readonly attempt: number;
  readonly losses: number;
  readonly input: JsonValue;
  readonly error: SerializedError;
  readonly at: number;
  readonly redrivenAt?: number;
  /** Somebody gave it up; it is not redriven any more, unless with its whole run. */
  readonly discardedAt?: number;
  readonly discardedBy?: string;
  readonly discardReason?: string;
}

/** `waiting`: neither redriven nor discarded. */
export const DEAD_LETTER_STATUSES = ['waiting', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** Which dead letters; all that is given must hold. */
export interface DeadLetterFilter {
  readonly status?: DeadLetterStatus;
  readonly run?: string;
  readonly pipeline?: string;
  readonly stage?: string;
  readonly agent?: string;
  /** Of the error. */
  readonly code?: string;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** `admin` includes all others. */
  readonly scopes: readonly string[];
  /** First characters of the key, to recognise it by. */
  readonly prefix: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

// ── writes of the engine ─────────────────────────────────────────────────────────────────────────────────────────────

/** A run to create. Its state is that after `run.created` (queued), `started` what it becomes when it may begin at once. */
export interface NewRun {
  readonly queued: Change;
  readonly started: Change;
  /** Slots of its pipeline; absent: unlimited. */
  readonly concurrency?: number;
  readonly idempotency?: { readonly key: string; /** SHA-256 of the request, hex. */ readonly hash: string };
}

export type Creation =
  | { readonly status: 'created'; readonly change: Change }
  /** The same request was made before under this idempotency key. */
  | { readonly status: 'repeated'; readonly run: string; readonly runStatus: RunStatus }
  | { readonly status: 'key-reused'; readonly run: string };

/** Which orchestrator dispatches, and how far its publishing has come; see `undelivered`. */
export interface DispatchMark {
  readonly orchestrator: string;
  /** Grows with every commit of this orchestrator; stored with each task dispatched by it. */
  readonly batch: number;
  /** All batches up to this one are in the transport for certain. */
  readonly published: number;
  /** Epoch of the transport that the tasks will be sent under. */
  readonly epoch: string;
}

/** A dispatched attempt as the sweeper needs it. */
export interface AttemptRow {
  readonly run: string;
  readonly task: string;
  readonly fence: number;
}

/** An active run, and what tells whether it advances. Times on the store's clock. */
export interface RunProgress {
  readonly run: string;
  readonly tenant: string;
  readonly pipeline: string;
  readonly status: 'running' | 'waiting';
  /** Number of its last event. */
  readonly seq: number;
  /** Its last event other than one that tells of a stall. */
  readonly changedAt: number;
  /** The stall that its last event tells of. */
  readonly told?: Pick<ToldStall, 'reason' | 'since'>;
  /** When something is to be done for it without anybody calling. */
  readonly dueAt?: number;
  /** Its oldest open decision. */
  readonly askedAt?: number;
}

/**
 * Everything that is true. Implementations: memory and Postgres, with one contract suite. All times are milliseconds
 * since 1970 on the store's own clock. Every method rejects with DependencyError('POSTGRES_UNAVAILABLE') when the store
 * cannot be reached (the outcome of a write is unknown then), and reads belong to one tenant unless they say otherwise.
 */
export interface Store extends ErrorStore, AuditStore {
  // life
  /** Connects and brings the schema up to date (under a lock; refuses a newer schema with SCHEMA_TOO_NEW). */
  start(): Promise<void>;
  close(): Promise<void>;
  ping(signal: AbortSignal): Promise<void>;
  /** The store's clock now, estimated without a round trip. */
  now(): number;

  // runs: writes
  /**
   * Creates runs in one transaction. A run whose pipeline has a free slot (or no limit) is stored as `started`, else as
   * `queued`; a slot that a queued run waits for is not free. The store decides `slot`: the change returned has it as stored.
   * A run whose id exists is `repeated`. One result per run, in order. Rejects with VALIDATION_FAILED, having written
   * nothing, when the data of one of them cannot be stored.
   */
  create(runs: readonly NewRun[], mark: DispatchMark): Promise<readonly Creation[]>;
  /**
   * Writes changes in one transaction; each only if the stored `seq` is still that of `change.before`. At most one change
   * per run. Returns the ids of the runs that were written: the others were changed by somebody else and must be loaded
   * and decided anew. Frees the pipeline's slot when a run ends or is queued anew. A change whose data cannot be stored does
   * not sink the others: it is left out of the result, too; given alone, it rejects with VALIDATION_FAILED (or INTERNAL
   * when its events do not continue those before).
   */
  commit(changes: readonly Change[], mark: DispatchMark): Promise<ReadonlySet<string>>;
  /** States by run id, of all tenants (for the engine). Unknown ids are absent. Finished runs are included. */
  load(runs: readonly string[]): Promise<ReadonlyMap<string, RunState>>;

  // runs: what the sweeper asks (all tenants)
  /** Unfinished runs that are due now, the longest due first, and the time of the next one. */
  due(limit: number): Promise<{ readonly runs: readonly string[]; readonly nextAt?: number }>;
  /** Gives free slots to queued runs, by priority and age; returns those that may `start`. Until started they are returned by `due`. */
  admit(limit: number): Promise<readonly string[]>;
  suspended(limit: number): Promise<readonly string[]>;
  /** Unfinished runs that could be suspended (running or waiting for a timer), after the given id, in id order. */
  active(after: string | undefined, limit: number): Promise<readonly string[]>;
  /** Running and waiting runs that were created before the given time (by their ids), after the given one, in the order of their ids. */
  progress(createdBefore: number, after: string | undefined, limit: number): Promise<readonly RunProgress[]>;
  /** Dispatched attempts of these dead orchestrators that they had not published for certain. */
  unpublished(orchestrators: readonly string[], limit: number): Promise<readonly AttemptRow[]>;
  /** Dispatched or running attempts that were sent under another epoch than this. */
  ofOtherEpochs(epoch: string, limit: number): Promise<readonly AttemptRow[]>;
  /** Dispatched or running attempts of one agent kind that were dispatched before the given time, oldest first. */
  dispatchedBefore(agent: string, at: number, limit: number): Promise<readonly AttemptRow[]>;
  /** Dispatched or running attempts by agent kind: how many, and since when the oldest waits. */
  outstanding(): Promise<
    readonly { readonly agent: string; readonly dispatched: number; readonly running: number; readonly oldestAt?: number }[]
  >;

  // orchestrators and the transport's epoch
  /** Registers this orchestrator or renews its entry, with its publishing mark. */
  checkIn(mark: DispatchMark): Promise<void>;
  /** Names of all registered orchestrators. */
  orchestrators(): Promise<readonly string[]>;
  /** Removes an orchestrator of which nothing is unpublished any more. */
  checkOut(orchestrator: string): Promise<void>;
  /**
   * Runs of all tenants that failed, or whose trace is sampled, and ended from so long before this orchestrator was last on record until so
   * long after, the last ones first. None when it is not on record.
   */
  endedAround(orchestrator: string, beforeMs: number, afterMs: number, limit: number): Promise<readonly string[]>;
  /** The epoch on record; undefined before the first. */
  epoch(): Promise<string | undefined>;
  /** Replaces the epoch if it is still `expected`; returns the one on record afterwards. */
  setEpoch(expected: string | undefined, next: string): Promise<string>;

  // retention
  /**
   * Removes finished runs that ended before the given time, the oldest first and at most `limit`, with everything that
   * belongs to them: tasks, events, checkpoints, decisions, dead letters, idempotency keys. All or nothing. Returns how many.
   */
  purge(before: number, limit: number): Promise<number>;
  /**
   * How many finished runs there are, about, when the oldest ended, and, where a time is given, how many of them ended before
   * it (`past`; counted up to 100,000).
   */
  history(before?: number): Promise<{ readonly runs: number; readonly oldestEndedAt?: number; readonly past?: number }>;

  // pipelines
  /**
   * Stores a new version unless the newest one is equal, with the records of it, or not at all. Returns the version and whether it
   * is new.
   */
  putPipeline(
    tenant: string,
    definition: Definition,
    recordsOf?: (version: number) => readonly AuditEntry[],
  ): Promise<{ readonly version: number; readonly created: boolean }>;
  /** The given version, or the newest. */
  pipeline(tenant: string, name: string, version?: number): Promise<PipelineRow | undefined>;
  /** Number of the newest version: asked often, so that it costs little. */
  newestVersion(tenant: string, name: string): Promise<number | undefined>;
  /** Newest versions, by name. */
  pipelines(tenant: string, page: PageRequest): Promise<Page<PipelineRow>>;

  // reads for users
  run(tenant: string, id: string): Promise<RunState | undefined>;
  runs(tenant: string, filter: { readonly status?: RunStatus; readonly pipeline?: string }, page: PageRequest): Promise<Page<RunSummary>>;
  /** Events after the given number, in order. Undefined for an unknown run. */
  events(tenant: string, run: string, after: number, limit: number): Promise<readonly RunEvent[] | undefined>;
  /** Runs that ended at this time or later, in order of time and id; `after` continues a page that ended with it. */
  ended(tenant: string, since: number, after: RunEnd | undefined, limit: number): Promise<readonly RunEnd[]>;
  decision(tenant: string, id: string): Promise<DecisionRow | undefined>;
  decisions(
    tenant: string,
    filter: { readonly status?: 'open' | 'answered'; readonly run?: string },
    page: PageRequest,
  ): Promise<Page<DecisionRow>>;
  deadLetter(tenant: string, id: string): Promise<DeadLetterRow | undefined>;
  deadLetters(tenant: string, page: PageRequest, filter?: DeadLetterFilter): Promise<Page<DeadLetterRow>>;
  /** Gives up a dead letter that waits, with the records. False when there is none that does: it is unknown, redriven or discarded. */
  discardDeadLetter(tenant: string, id: string, by: string, reason: string, records: readonly AuditEntry[]): Promise<boolean>;

  // agent kinds that any worker ever offered
  learnKinds(kinds: readonly string[]): Promise<void>;
  knownKinds(): Promise<ReadonlySet<string>>;

  // API keys (of all tenants for `apiKeyByHash`)
  /** With the records, or not at all; rejects with CONFLICT when there is such a key. */
  addApiKey(key: ApiKeyRow & { /** SHA-256 of the key, hex. */ readonly hash: string }, records: readonly AuditEntry[]): Promise<void>;
  apiKeyByHash(hash: string): Promise<ApiKeyRow | undefined>;
  apiKeys(tenant: string, page: PageRequest): Promise<Page<ApiKeyRow>>;
  /** How many keys in force, of all tenants, expire between these times. */
  apiKeysExpiring(after: number, before: number): Promise<number>;
  /** False when there is no such key. The records are written unless it was revoked before. */
  revokeApiKey(tenant: string, id: string, records: readonly AuditEntry[]): Promise<boolean>;
}
