import type {
  Answer,
  Disposition,
  Emitted,
  JsonValue,
  Outcome,
  PriorityClass,
  Question,
  SerializedError,
  TaskMessage,
} from '@mainstay/types';

// ── run state ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `waiting`: on a decision or a timer and nothing else; `paused`: by a person; `suspended`: by a shutdown, resumed by itself. */
export type RunStatus = 'queued' | 'running' | 'waiting' | 'paused' | 'suspended' | 'succeeded' | 'failed' | 'cancelled';

export type FinalRunStatus = Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;

/** `dead`: failed for good, kept as a dead letter. */
export type TaskStatus = 'ready' | 'dispatched' | 'running' | 'waiting' | 'succeeded' | 'skipped' | 'cancelled' | 'dead';

/** What is known of a task in every state. Times are milliseconds since 1970 on the database's clock. */
export interface TaskBase {
  readonly stage: string;
  /** Agent kind that has the task now: the stage's own, or one of its fallbacks. */
  readonly agent: string;
  /** Position in the chain [stage.agent, ...stage.fallback]. */
  readonly fallback: number;
  /** Tries that cost something, from 1; 0 before the first dispatch. */
  readonly attempt: number;
  /** Number of dispatches; the fence of the last one. */
  readonly fence: number;
  /** Failed attempts with the present agent; bounded by `retry.maxAttempts`. */
  readonly failures: number;
  /** Attempts that ended with the death of their worker; bounded by `retry.maxLosses`. */
  readonly losses: number;
  /** The last workers that it cost, the oldest first; absent: none. */
  readonly lost?: readonly LostAttempt[];
  /** Rounds that `onFailure: retry` has begun. */
  readonly rounds: number;
  /** Last checkpoint of the task. */
  readonly checkpoint?: JsonValue;
  /** Answers to the task's questions so far. */
  readonly answers: readonly Answer[];
  /** Why the last attempt failed. */
  readonly error?: SerializedError;
  /** Start of the latest attempt, where a worker told it. */
  readonly startedAt?: number;
  /** An operator's replacement for the mapped input (redrive with edit). */
  readonly inputOverride?: JsonValue;
}

/** An attempt that ended with its worker. */
export interface LostAttempt {
  readonly worker: string;
  /** `died`: its connection is gone; `silent`: it is connected, but does not work. */
  readonly reason: 'died' | 'silent';
  readonly attempt: number;
  readonly at: number;
}

/**
 * A task. A stage without a task is pending: none exists before its needs are done.
 * `ready` tasks wait for their due time, or for the run to go on; a due task of a running run is dispatched at once.
 */
export type TaskState = TaskBase &
  (
    | { readonly status: 'ready'; readonly dueAt: number }
    | { readonly status: 'dispatched'; readonly dispatchedAt: number }
    | {
        readonly status: 'running';
        readonly dispatchedAt: number;
        readonly worker: string;
        /** Number of the latest report. */
        readonly reported?: number;
        readonly progress?: { readonly fraction: number; readonly note?: string | undefined };
      }
    | {
        readonly status: 'waiting';
        readonly decision: string;
        /** Output that a failed gate holds back until the decision. */ readonly held?: JsonValue;
      }
    | {
        readonly status: 'succeeded';
        readonly output: JsonValue;
        readonly finishedAt: number;
        /** Came from a fallback agent or from `onFailure: degrade`. */ readonly degraded: boolean;
      }
    | { readonly status: 'skipped' | 'cancelled'; readonly finishedAt: number }
    | { readonly status: 'dead'; readonly finishedAt: number; readonly error: SerializedError }
  );

/** A question that a run waits on. `gate`: a failed gate asks whether to accept the output. */
export interface DecisionState {
  readonly id: string;
  readonly stage: string;
  readonly kind: 'question' | 'gate';
  readonly question: Question;
  readonly openedAt: number;
  readonly expiresAt?: number;
}

/** Everything that decides what happens next with a run. */
export interface RunState {
  readonly id: string;
  readonly tenant: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: RunStatus;
  /** Number of the run's last event: it is also the version that a write expects (optimistic concurrency). */
  readonly seq: number;
  readonly input: JsonValue;
  /** -100 (last) to 100 (first), default 0. */
  readonly priority: number;
  readonly correlationId: string;
  /** Of the caller's span; of none where the run is the root of its trace: see `run-place.ts`. */
  readonly traceparent: string;
  /** What others have to tell of the trace: handed on as it came. */
  readonly tracestate?: string;
  /** Holds one of its pipeline's concurrency slots. */
  readonly slot: boolean;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** End of the time that the pipeline, or who asked for it, grants the run. */
  readonly deadlineAt?: number;
  readonly output?: JsonValue;
  readonly error?: SerializedError;
  /** By stage id. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  /** Open ones by id. */
  readonly decisions: ReadonlyMap<string, DecisionState>;
}

/**
 * `overdue`: a time came, and nobody did what was due; `silent`: it runs, no live worker has anything of it, and nothing has
 * happened; `undecided`: a decision waits for its answer.
 */
export type StallReason = 'overdue' | 'silent' | 'undecided';

// ── what happens to a run ────────────────────────────────────────────────────────────────────────────────────────────

export type RunInput =
  /** A queued run may begin. */
  | { readonly type: 'start' }
  | {
      readonly type: 'outcome';
      readonly task: string;
      readonly fence: number;
      readonly worker: string;
      readonly startedAt: number;
      readonly finishedAt: number;
      readonly outcome: Outcome;
      readonly checkpoint?: JsonValue;
    }
  | {
      readonly type: 'report';
      readonly task: string;
      readonly fence: number;
      readonly worker: string;
      readonly startedAt: number;
      /** Counts the reports of the attempt. */
      readonly number?: number;
      readonly progress?: { readonly fraction: number; readonly note?: string | undefined };
      readonly checkpoint?: JsonValue;
      readonly events: readonly Emitted[];
    }
  /** The worker that held the attempt is dead, hangs or is cut off. */
  | { readonly type: 'lost'; readonly task: string; readonly fence: number; readonly worker: string; readonly reason: 'died' | 'silent' }
  /** The dispatch never reached a worker, or what carried it was lost: dispatch anew with a new fence, without cost. */
  | { readonly type: 'undelivered'; readonly task: string; readonly fence: number }
  /** Look at due times: backoffs, decisions, the run's deadline. */
  | { readonly type: 'tick' }
  /**
   * The watchdog saw that nothing advances the run. `since`: when what is missing should have happened; `lastEventAt`: of the event number
   * `seq`. A run that went on since then is not stalled.
   */
  | {
      readonly type: 'stalled';
      readonly reason: StallReason;
      readonly since: number;
      readonly lastEventAt: number;
      readonly seq: number;
    }
  | { readonly type: 'answer'; readonly decision: string; readonly answer: JsonValue; readonly comment?: string; readonly by: string }
  | { readonly type: 'cancel'; readonly by: string; readonly reason?: string }
  | { readonly type: 'pause'; readonly by: string }
  /** By a person: of a paused run. */
  | { readonly type: 'resume'; readonly by: string }
  /** Of a failed or cancelled run: what succeeded stays, the rest is tried again with fresh counters. */
  | { readonly type: 'retry'; readonly by: string; readonly correlationId?: string }
  /** Of one dead task: like retry, optionally with another input. */
  | { readonly type: 'redrive'; readonly task: string; readonly by: string; readonly input?: JsonValue; readonly correlationId?: string }
  /** The last orchestrator shuts down. */
  | { readonly type: 'suspend' }
  /** An orchestrator is there again: of a suspended run. */
  | { readonly type: 'wake' };

/** Names of events, declared once. */
export const EVENT_TYPES = [
  'run.created',
  'run.queued',
  'run.started',
  'run.waiting',
  'run.paused',
  'run.resumed',
  'run.suspended',
  'run.woken',
  'run.stalled',
  'run.retried',
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'task.dispatched',
  'task.started',
  'task.progress',
  'task.checkpointed',
  'task.emitted',
  'task.succeeded',
  'task.failed',
  'task.retrying',
  'task.fallback',
  'task.degraded',
  'task.lost',
  'task.suspended',
  'task.redispatched',
  'task.skipped',
  'task.cancelled',
  'task.dead',
  'task.redriven',
  'gate.failed',
  'decision.opened',
  'decision.answered',
  'decision.expired',
] as const;
export type RunEventType = (typeof EVENT_TYPES)[number];

/** Events that are not the usual course of a run: what went wrong, what somebody did, what somebody is asked. Ends of runs are told anyway. */
const NOTABLE_EVENT_TYPES = [
  'run.paused',
  'run.resumed',
  'run.retried',
  'task.failed',
  'task.lost',
  'task.dead',
  'task.redriven',
  'gate.failed',
  'decision.opened',
  'decision.answered',
  'decision.expired',
] as const satisfies readonly RunEventType[];

export type NotableEventType = (typeof NOTABLE_EVENT_TYPES)[number];

export const NOTABLE_EVENTS: ReadonlySet<RunEventType> = new Set(NOTABLE_EVENT_TYPES);

/** One immutable fact about a run. */
export interface RunEvent {
  /** From 1, without gaps within the run. */
  readonly seq: number;
  readonly at: number;
  readonly type: RunEventType;
  /** Stage id. */
  readonly task?: string;
  readonly data?: { readonly [key: string]: JsonValue };
}

/** What the engine must do once the new state is stored. */
export type Command =
  | { readonly type: 'dispatch'; readonly message: TaskMessage }
  | {
      readonly type: 'cancel-attempt';
      readonly task: string;
      readonly fence: number;
      readonly worker?: string;
      readonly reason: 'cancelled' | 'lease-lost' | 'deadline';
    };

/** How the transition took one input. `stale`: an old fence, a duplicate, or nothing to do; nothing changed by it. */
export type Verdict =
  | { readonly taken: true }
  | { readonly taken: false; readonly why: 'stale' }
  | {
      readonly taken: false;
      readonly why: 'conflict';
      readonly code: 'RUN_STATE_CONFLICT' | 'DECISION_NOT_FOUND' | 'DECISION_ALREADY_MADE' | 'VALIDATION_FAILED' | 'DEAD_LETTER_NOT_FOUND';
      readonly message: string;
    };

/** A task that failed for good, with everything needed to redrive it. */
export interface NewDeadLetter {
  readonly id: string;
  readonly stage: string;
  readonly agent: string;
  readonly attempt: number;
  readonly losses: number;
  readonly input: JsonValue;
  readonly error: SerializedError;
  readonly at: number;
}

/** A decision that got its answer. */
export interface ClosedDecision {
  readonly id: string;
  readonly answer: JsonValue;
  readonly comment?: string;
  readonly by: string;
  readonly at: number;
}

/** A stage whose dead letter was redriven. */
export interface Redriven {
  readonly stage: string;
  readonly by: string;
  /** Of the request; absent: that of the run. */
  readonly correlationId?: string;
  /** Itself, or its run or another letter of it, which takes all along. */
  readonly asked: 'letter' | 'run';
  /** What it gets instead of its own input. */
  readonly input?: JsonValue;
}

/** The outcome of {@link Transition}: the new state and what differs from the old one. */
export interface Change {
  readonly before: RunState;
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  /** Some of the events are {@link NOTABLE_EVENTS}. */
  readonly notable: boolean;
  readonly commands: readonly Command[];
  /** One per input, in order. */
  readonly verdicts: readonly Verdict[];
  /** Stages whose task was written. */
  readonly touched: ReadonlySet<string>;
  /** Stages whose checkpoint was written; a removed one has no checkpoint in `state`. */
  readonly checkpoints: ReadonlySet<string>;
  readonly opened: readonly DecisionState[];
  readonly closed: readonly ClosedDecision[];
  readonly deadLetters: readonly NewDeadLetter[];
  readonly redriven: readonly Redriven[];
}

/** What the transition may know of the world. */
export interface TransitionContext {
  /** Milliseconds since 1970 on the database's clock. */
  readonly now: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** New unique ids (UUIDv7) for messages, decisions and dead letters. */
  readonly newId: () => string;
  /** Problems of an input against the schema that live workers announced for the kind; none when the schema is unknown. */
  readonly inputProblems: (agent: string, input: JsonValue) => readonly string[];
  readonly outputProblems: (agent: string, output: JsonValue) => readonly string[];
  /** An output whose JSON is longer fails its task. */
  readonly maxOutputBytes: number;
}

/**
 * The heart: decides everything about retries, gates, fallbacks, decisions, cancellation, timeouts and skips.
 * Pure: no clock, socket or database. Inputs are applied in order; the state is never altered in place.
 */
export type Transition = (pipeline: CompiledPipeline, before: RunState, inputs: readonly RunInput[], context: TransitionContext) => Change;

// ── definitions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface RetryPolicy {
  /** Attempts that may fail, per agent of the chain. Default 4 (3 retries), 1 … 100. */
  readonly maxAttempts: number;
  /** Deaths of workers that the task may cause before it is given up. Default 4, 0 … 100. */
  readonly maxLosses: number;
  readonly backoff: 'exponential' | 'linear' | 'constant';
  /** Default 1,000. */
  readonly baseMs: number;
  /** Default 30,000. */
  readonly maxMs: number;
  /** Default 'full'. */
  readonly jitter: 'full' | 'none';
}

export type FailureAction =
  | { readonly action: 'fail' }
  /** The stage succeeds with this output, marked as degraded. */
  | { readonly action: 'degrade'; readonly output: JsonValue }
  /** Begin again with fresh attempts, up to `times` rounds, `delayMs` apart; then fail. */
  | { readonly action: 'retry'; readonly times: number; readonly delayMs: number };

export interface Stage {
  readonly id: string;
  readonly agent: string;
  readonly needs: readonly string[];
  /** Template; absent: the run's input. */
  readonly input?: JsonValue;
  /** CEL; absent: always. */
  readonly when?: string;
  readonly retry: RetryPolicy;
  /** Run time of one attempt. Default 120,000. */
  readonly timeoutMs: number;
  /** CEL over output, input, stages. */
  readonly gate?: string;
  readonly onGateFailure: 'fail' | 'retry' | 'ask';
  /** How a gate's question is put: used with `onGateFailure: ask`. Answers are 'accept', 'reject' and 'retry'. */
  readonly ask: { readonly question?: string; readonly timeoutMs?: number; readonly default?: 'accept' | 'reject' | 'retry' };
  readonly onFailure: FailureAction;
  /** Agent kinds that are tried, in order, when the stage's own has failed for good. Their results are marked as degraded. */
  readonly fallback: readonly string[];
}

/** A validated definition with its defaults filled in. */
export interface Definition {
  readonly name: string;
  readonly description?: string;
  /** Runs of this pipeline (per tenant) that may be active at once; further ones are queued. Absent: unlimited. */
  readonly concurrency?: number;
  /** Time that a run has from its start. Absent: unlimited. */
  readonly timeoutMs?: number;
  /** Template of the run's output over `input` and `stages`. Absent: outputs of the last stages, by id. */
  readonly output?: JsonValue;
  readonly stages: readonly Stage[];
}

/** Values that expressions see. `output` only in gates. */
export interface Scope {
  readonly input: JsonValue;
  readonly stages: { readonly [id: string]: { readonly output: JsonValue; readonly status: string } };
  readonly output?: JsonValue;
}

/** A definition made ready for use: expressions parsed once, the graph resolved. */
export interface CompiledPipeline {
  readonly definition: Definition;
  readonly version: number;
  readonly stage: (id: string) => CompiledStage;
  /** Stages in an order in which each comes after its needs. */
  readonly order: readonly CompiledStage[];
  /** Output of the run; throws PipelineError EXPRESSION_*. */
  readonly output: (scope: Scope) => JsonValue;
  /** Stages that the output reads. */
  readonly outputReferences: readonly string[];
}

export interface CompiledStage extends Stage {
  readonly dependents: readonly string[];
  /** Stages that its expressions read; all of them are needed, directly or through others. */
  readonly references: readonly string[];
  /** Each throws PipelineError EXPRESSION_FAILED or EXPRESSION_TOO_COSTLY. */
  readonly mapInput: (scope: Scope) => JsonValue;
  readonly holds: (scope: Scope) => boolean;
  readonly passes: (scope: Scope) => boolean;
}

/** Priority class of a run's tasks: > 0 high, 0 normal, < 0 low. */
export function priorityClass(priority: number): PriorityClass {
  return priority > 0 ? 'high' : priority < 0 ? 'low' : 'normal';
}

/** What a failed attempt's error says about trying again. */
export function mayRetry(disposition: Disposition): boolean {
  return disposition === 'retryable';
}

export const FINAL_RUN_STATUSES: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'cancelled']);

/** Earliest time at which something is to be done for a run without anybody calling; undefined: nothing. */
export function dueAt(state: RunState): number | undefined {
  if (FINAL_RUN_STATUSES.has(state.status) || state.status === 'queued') return undefined;
  let due = state.deadlineAt ?? Infinity;
  for (const decision of state.decisions.values()) due = Math.min(due, decision.expiresAt ?? Infinity);
  if (state.status !== 'paused' && state.status !== 'suspended') {
    for (const task of state.tasks.values()) if (task.status === 'ready') due = Math.min(due, task.dueAt);
  }
  return due === Infinity ? undefined : due;
}
