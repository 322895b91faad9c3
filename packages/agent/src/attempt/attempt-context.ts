import { runWithTrace } from '@mainstay/observability';
import { AgentError, CancelledError, type JsonValue, ValidationError } from '@mainstay/types';
import { jsonBytes } from '../json-copy.ts';
import type { AskOptions, CallOptions, CallSpan, EmittedEvent, TaskContext, TaskLog } from '../task-context.ts';
import type { Calls } from '../worker/calls.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { quietly } from './news.ts';
import { jsonOnly, questionKey, questionOf } from './question.ts';
import type { Stop } from './stop.ts';

const MAX_NOTE_LENGTH = 1_000;
const MAX_NAME_LENGTH = 200;
const MAX_EVENT_BYTES = 64 * 1024;

/** What the context needs of the worker. */
export interface AttemptHost {
  readonly draining: AbortSignal;
  readonly calls: Calls;
  readonly maxCheckpointBytes: number;
  now(): number;
  log(attempt: Attempt): TaskLog;
  stop(attempt: Attempt, stop: Stop): void;
  /** Sends the attempt's news now instead of at the next turn. */
  report(attempt: Attempt): void;
}

/** The context that an agent's `run` is given. */
export class AttemptContext implements TaskContext {
  readonly #attempt: Attempt;
  readonly #host: AttemptHost;
  readonly #trace: AttemptTrace | undefined;
  #log: TaskLog | undefined;

  constructor(attempt: Attempt, host: AttemptHost) {
    this.#attempt = attempt;
    this.#host = host;
    this.#trace = attempt.trace;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get draining(): AbortSignal {
    return this.#host.draining;
  }

  get deadline(): number {
    return this.#attempt.deadline;
  }

  get log(): TaskLog {
    this.#log ??= this.#host.log(this.#attempt);
    return this.#log;
  }

  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  get idempotencyKey(): string {
    return this.#attempt.task.idempotencyKey;
  }

  get run(): string {
    return this.#attempt.task.run;
  }

  get task(): string {
    return this.#attempt.task.task;
  }

  get tenant(): string {
    return this.#attempt.task.tenant;
  }

  get fence(): number {
    return this.#attempt.task.fence;
  }

  get traceparent(): string {
    return (this.#trace ?? this.#attempt.task).traceparent;
  }

  get tracestate(): string | undefined {
    return this.#attempt.task.tracestate;
  }

  get correlationId(): string {
    return this.#attempt.task.correlationId;
  }

  get restored(): JsonValue | undefined {
    return this.#attempt.task.restored;
  }

  progress(fraction: number, note?: string): Promise<void> {
    if (Number.isNaN(fraction)) return refuse('ctx.progress: the fraction is not a number; give one from 0 to 1');
    const clamped = Math.min(1, Math.max(0, fraction));
    this.#attempt.news.setProgress({ fraction: clamped, ...(note === undefined ? {} : { note: note.slice(0, MAX_NOTE_LENGTH) }) });
    return Promise.resolve();
  }

  checkpoint(state: JsonValue): Promise<void> {
    const { signal, news } = this.#attempt;
    return attemptTo(() => {
      signal.throwIfAborted();
      news.setCheckpoint(jsonOnly('ctx.checkpoint', state, this.#host.maxCheckpointBytes));
      return this.#sent();
    });
  }

  ask(question: string, options: AskOptions = {}): Promise<JsonValue> {
    return attemptTo(() => {
      const key = questionKey(question, options);
      const known = this.#attempt.task.answers.findLast((answer) => answer.key === key);
      if (known !== undefined) return Promise.resolve(known.answer);
      this.#host.stop(this.#attempt, { kind: 'asked', question: questionOf(question, options) });
      this.signal.throwIfAborted();
      throw new CancelledError('CANCELLED', 'The attempt is over');
    });
  }

  call<T>(name: string, fn: (signal: AbortSignal, span: CallSpan) => Promise<T> | T, options: CallOptions = {}): Promise<T> {
    const trace = this.#trace?.call(name);
    if (trace === undefined) return this.#host.calls.call(name, (signal) => fn(signal, this.#untraced), this.signal, options);
    return this.#host.calls.call(name, (signal) => runWithTrace(trace, () => fn(signal, trace)), this.signal, options, trace);
  }

  /** The place of a call where traces are off. */
  get #untraced(): CallSpan {
    const { traceparent, tracestate } = this;
    return { traceparent, tracestate, set: () => undefined };
  }

  emit({ name, data }: EmittedEvent): Promise<void> {
    return attemptTo(async () => {
      const { news, signal } = this.#attempt;
      if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
        return refuse(`ctx.emit: the name has ${name.length} characters; give 1 to ${MAX_NAME_LENGTH}`);
      }
      const copy = data === undefined ? undefined : jsonOnly('ctx.emit', data, MAX_EVENT_BYTES);
      while (news.full) await this.#sent();
      signal.throwIfAborted();
      const at = this.#host.now();
      if (copy === undefined) news.addEvent({ name, at }, name.length);
      else news.addEvent({ name, at, data: copy }, name.length + jsonBytes(copy));
    });
  }

  suspend(state?: JsonValue): never {
    if (!this.draining.aborted) {
      throw new AgentError('AGENT_FAILED', 'ctx.suspend: the worker is not draining; wait for ctx.draining, or return an output');
    }
    if (state !== undefined) {
      this.#attempt.news.setCheckpoint(jsonOnly('ctx.suspend', state, this.#host.maxCheckpointBytes));
    }
    const error = new CancelledError('SUSPENDED', 'The attempt handed itself back');
    this.#host.stop(this.#attempt, { kind: 'suspended', keepsOutput: false, error });
    this.signal.throwIfAborted();
    throw error;
  }

  #sent(): Promise<void> {
    const sent = this.#attempt.news.sent();
    this.#host.report(this.#attempt);
    return sent;
  }
}

/** Turns what `fn` throws into a rejection, and keeps a rejection that nobody looks at from counting as a crash. */
function attemptTo<T>(fn: () => Promise<T>): Promise<T> {
  try {
    return quietly(fn());
  } catch (error) {
    return quietly(Promise.reject(error instanceof Error ? error : new Error(String(error))));
  }
}

function refuse(message: string): Promise<never> {
  return quietly(Promise.reject(new ValidationError('VALIDATION_FAILED', message)));
}
