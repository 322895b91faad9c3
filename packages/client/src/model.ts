import type { ErrorCode, JsonValue } from '@mainstay/types';

export type RunStatus = 'queued' | 'running' | 'waiting' | 'paused' | 'suspended' | FinalStatus;
export type FinalStatus = 'succeeded' | 'failed' | 'cancelled';

/** A run to start. */
export interface RunRequest {
  readonly pipeline: string;
  /** Default: the newest. */
  readonly version?: number | undefined;
  /** Any value that JSON can carry. Default `{}`. */
  readonly input?: unknown;
  /** -100 (last) to 100 (first). Default 0. */
  readonly priority?: number | undefined;
  /** The same key with the same request gives the run that was started first. Default: see `exactlyOnce`. */
  readonly idempotencyKey?: string | undefined;
  /** 1 to 64 letters, digits, `-` or `_`. Default: one that the server makes up. */
  readonly correlationId?: string | undefined;
  /** W3C Trace Context of the caller. Default: see the option `trace`. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** A run that is on the server's disk. */
export interface SubmittedRun {
  readonly id: string;
  readonly status: RunStatus;
  /** It had been started before under the same idempotency key. */
  readonly repeated: boolean;
}

/** That a run is over. */
export interface RunEnd {
  readonly id: string;
  readonly status: FinalStatus;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
}

/** An end with what came of the run, where that was asked for. */
export interface RunResult extends RunEnd {
  readonly output?: JsonValue;
  readonly error?: RunError;
}

export interface RunError {
  readonly code: ErrorCode | (string & {});
  readonly message: string;
  readonly disposition: 'terminal' | 'retryable' | 'cancelled';
  readonly details?: Readonly<Record<string, JsonValue>>;
  readonly cause?: RunError;
}

export interface Task {
  readonly stage: string;
  readonly agent: string;
  readonly status: string;
  readonly attempt: number;
  readonly output?: JsonValue;
  readonly error?: RunError;
  /** Id of the decision that the task waits on. */
  readonly decision?: string;
}

export interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly priority: number;
  readonly input: JsonValue;
  readonly output?: JsonValue;
  readonly error?: RunError;
  readonly tasks: readonly Task[];
  /** Open ones. */
  readonly decisions: readonly { readonly id: string; readonly stage: string; readonly question: Readonly<Record<string, JsonValue>> }[];
  /** Number of the last event. */
  readonly lastEvent: number;
  readonly correlationId: string;
  /** Trace of the run. */
  readonly traceId: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** An immutable fact about a run; numbered from 1 without gaps. */
export interface RunEvent {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  /** Id of the stage. */
  readonly task?: string;
  readonly data?: Readonly<Record<string, JsonValue>>;
}

export interface DecisionAnswer {
  readonly id: string;
  readonly run: string;
  readonly status: 'open' | 'answered';
  readonly answer?: JsonValue;
}
