import type { Attributes } from '@mainstay/observability';
import type { JsonValue } from '@mainstay/types';

/** Writes one log line; a pino logger fits. Lines of an attempt carry its run, task and correlation id. */
export interface LogWrite {
  (message: string): void;
  (fields: object, message?: string): void;
}

export interface TaskLog {
  readonly debug: LogWrite;
  readonly info: LogWrite;
  readonly warn: LogWrite;
  readonly error: LogWrite;
}

export interface AskOptions {
  /** Names the question within the task; the same key gets the same answer. Default: made from the question's text. */
  readonly key?: string;
  /** Allowed answers; default any JSON value. */
  readonly options?: readonly JsonValue[];
  /** How long to wait, in milliseconds; default for ever. */
  readonly timeoutMs?: number;
  /** The answer when the time is over; without one the task fails with `DECISION_EXPIRED`. */
  readonly default?: JsonValue;
  /** Kind of agent that is to answer; default a person. */
  readonly agent?: string;
  /** What the one who answers needs to know. At most 256 KiB of JSON. */
  readonly context?: JsonValue;
}

/** Where a call stands in the trace of its run. */
export interface CallSpan {
  /** W3C Trace Context: for the header of the same name, so that the other side goes on with the trace. */
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
  /** Adds attributes to the call's span, where traces are on: see `genAiAttributes` for calls of models. */
  set(attributes: Attributes): void;
}

export interface CallOptions {
  /** Limit of each try in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Tries in all. Default 4. */
  readonly maxAttempts?: number;
  /** Wait after the first failed try in milliseconds; doubles up to `maxMs`, with full jitter. Default 200. */
  readonly baseMs?: number;
  /** Default 5,000. */
  readonly maxMs?: number;
  /** Default: errors that say of themselves that they are retryable, timeouts and network failures. */
  readonly shouldRetry?: (error: unknown) => boolean;
  /** False: it must not be done twice, so it is tried again only if it was surely not begun. Default true. */
  readonly idempotent?: boolean;
}

/** What the agent emits; it becomes an event of the run. */
export interface EmittedEvent {
  /** 1 to 200 characters. */
  readonly name: string;
  /** At most 64 KiB of JSON. */
  readonly data?: JsonValue;
}

/** What an attempt knows, and what it can ask of the platform. */
export interface TaskContext {
  /**
   * Aborts when the attempt must stop: its time is over (`OPERATION_TIMEOUT`, `DEADLINE_EXCEEDED`), somebody cancelled
   * it (`CANCELLED`), another attempt has the task (`LEASE_LOST`), or the worker shuts down and the grace period is over
   * (`SUSPENDED`). Pass it to everything that waits.
   */
  readonly signal: AbortSignal;
  /** Aborts earlier than `signal`, when the worker begins to shut down: a good moment for {@link TaskContext.suspend}. */
  readonly draining: AbortSignal;
  /** When `signal` aborts at the latest, in milliseconds since 1970. */
  readonly deadline: number;
  readonly log: TaskLog;
  /** Counts the tries that cost something, from 1. */
  readonly attempt: number;
  /** The same across all attempts of the task: give it to whatever has side effects. */
  readonly idempotencyKey: string;
  readonly run: string;
  readonly task: string;
  readonly tenant: string;
  /** Grows with every attempt: a store that remembers the highest one can refuse writes of a lost attempt. */
  readonly fence: number;
  /** W3C Trace Context: the place of this attempt in the trace of its run, or that of the run where traces are off. */
  readonly traceparent: string;
  readonly tracestate: string | undefined;
  readonly correlationId: string;
  /** The last checkpoint of an earlier attempt; undefined when there is none. */
  readonly restored: JsonValue | undefined;

  /** Tells how far the work is: 0 to 1 (clamped), with a note of at most 1,000 characters. Only the latest is sent. */
  progress(fraction: number, note?: string): Promise<void>;
  /**
   * Keeps a state from which a later attempt can go on. Resolves when it has left this process; rejects with the
   * signal's reason when the attempt is stopped before. JSON only, at most the worker's `maxCheckpointBytes`.
   */
  checkpoint(state: JsonValue): Promise<void>;
  /**
   * The answer to a question. If it is not there yet, the attempt ends here and a later one asks again: `ask` then
   * throws, and whatever the agent does with that, the attempt counts as asked. Do nothing twice before it.
   */
  ask(question: string, options?: AskOptions): Promise<JsonValue>;
  /**
   * Calls something outside with a limit for each try, retries, and a circuit breaker and a budget of retries per name, which all
   * attempts of the worker share. Where traces are on, it has a span. It never outlasts the attempt; a call that ignores its signal is given up all the same.
   */
  call<T>(name: string, fn: (signal: AbortSignal, span: CallSpan) => Promise<T> | T, options?: CallOptions): Promise<T>;
  /** Adds an event to the run. Resolves when it is accepted; waits while too many are on their way. */
  emit(event: EmittedEvent): Promise<void>;
  /**
   * Ends the attempt as suspended, with a checkpoint if one is given: another worker goes on, and no attempt is
   * counted. Only while the worker is draining.
   */
  suspend(state?: JsonValue): never;
}
