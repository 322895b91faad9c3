import type { AgentOffer, JsonValue, MainstayError, OverloadError } from '@mainstay/types';
import type { RunInput, RunState, RunStatus, StallReason } from '../pipeline/model.ts';
import type { Depth } from '@mainstay/transport';
import type { RunEnd } from '../store/store.ts';

/** A request for a run; already authenticated and validated in form. */
export interface Submission {
  readonly tenant: string;
  readonly pipeline: string;
  /** Absent: the newest. */
  readonly version?: number;
  readonly input: JsonValue;
  /** Default 0. */
  readonly priority?: number;
  /** The run has to end within so many milliseconds from now, if its pipeline does not grant it less. */
  readonly deadlineMs?: number;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly idempotency?: { readonly key: string; readonly hash: string };
  /** Who asks; for the event. */
  readonly by: string;
}

export interface Submitted {
  readonly id: string;
  readonly status: RunStatus;
  /** The run had been created before under the same idempotency key. */
  readonly repeated: boolean;
}

/** A live worker as its heartbeats show it. */
export interface WorkerInfo {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: number;
  readonly kinds: readonly string[];
  readonly capacity: number;
  /** Attempts that run now. */
  readonly running: number;
  readonly draining: boolean;
  readonly rssBytes: number;
  /** Milliseconds since 1970. */
  readonly lastHeartbeatAt: number;
}

/** An agent kind for which tasks wait although no live worker offers it. */
export interface MissingKind {
  readonly agent: string;
  readonly waiting: number;
  readonly since: number;
}

/** A run on which nothing advances. */
export interface Stall {
  readonly run: string;
  readonly tenant: string;
  readonly pipeline: string;
  readonly reason: StallReason;
  /** Store time. */
  readonly since: number;
}

/** How many runs are stalled, by reason, and the longest ones. */
export interface StalledRuns extends Readonly<Record<Stall['reason'], number>> {
  /** A hundred at most, the longest stalled first. */
  readonly oldest: readonly Stall[];
}

/** What moves a run on. All inputs of a user that change a run go through {@link Engine.act}. */
export type UserInput = Extract<RunInput, { type: 'answer' | 'cancel' | 'pause' | 'resume' | 'retry' | 'redrive' }>;

/** The engine as the HTTP layer sees it. */
export interface Engine {
  readonly name: string;
  /** The store answers nothing here, and others do the work. */
  readonly standsAside: boolean;
  /** The store or the transport cannot be reached from here: clients are better served by others. */
  readonly cutOff: boolean;
  /** Resolves when the run is on disk. Rejects with PIPELINE_NOT_FOUND, IDEMPOTENCY_KEY_REUSED, OVERLOADED, POSTGRES_UNAVAILABLE, SHUTTING_DOWN. */
  submit(submission: Submission): Promise<Submitted>;
  /**
   * Why a submission, or an urgent one, would be refused now, for those who look before they read one: OVERLOADED, SHUTTING_DOWN or
   * POSTGRES_UNAVAILABLE.
   */
  refusal(urgent?: boolean): MainstayError | undefined;
  /** Runs of high priority go on here, or did within the last ten seconds. */
  readonly hasUrgent: boolean;
  /** OVERLOADED for another reason than the engine's, with the time after which to come back. */
  overload(why: string): OverloadError;
  /** Applies a user's input; resolves with the state on disk. Rejects with RUN_NOT_FOUND (also for foreign tenants), RUN_STATE_CONFLICT, DECISION_*, VALIDATION_FAILED. */
  act(tenant: string, run: string, input: UserInput): Promise<RunState>;
  workers(): readonly WorkerInfo[];
  /** Names of the live orchestrators, this one included. */
  orchestrators(): readonly string[];
  /** Offers of live workers, by kind. */
  offers(): ReadonlyMap<string, AgentOffer>;
  missingKinds(): readonly MissingKind[];
  /** Runs of all tenants on which nothing advances, as of the last look of the watchdog. */
  stalledRuns(): StalledRuns;
  depths(): Promise<ReadonlyMap<string, Depth>>;
  /** Calls the listener whenever the run may have events past the ones read before (from any orchestrator). Returns what ends it. */
  onEvents(run: string, listener: () => void): () => void;
  /**
   * Calls the listener with runs of the tenant that have just ended (on disk; at any orchestrator). News from other
   * orchestrators may be missed: whoever needs each end looks into the store now and then. Returns what ends it.
   */
  onEnded(tenant: string, listener: (ends: readonly RunEnd[]) => void): () => void;
}
