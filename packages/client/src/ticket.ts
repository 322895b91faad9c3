import { type MainstayError, ValidationError } from '@mainstay/types';
import { reasonOf } from './http.ts';
import type { RunRequest, SubmittedRun } from './model.ts';

/** A submission that waits for its answer. */
export class Ticket {
  readonly promise: Promise<SubmittedRun>;
  readonly request: RunRequest;
  /** As POST /runs takes it. */
  readonly body: string;
  readonly key: string | undefined;
  /** Monotonic time after which it rejects. */
  readonly deadlineAt: number;
  /** The ends of runs were followed when it was made. */
  readonly followed: boolean;
  settled = false;
  readonly #signal: AbortSignal | undefined;
  #settle: { resolve: (run: SubmittedRun) => void; reject: (error: Error) => void };

  /** Throws VALIDATION_FAILED for what JSON cannot carry, and the reason of a signal that has aborted. */
  constructor(request: RunRequest, key: string | undefined, deadlineAt: number, signal: AbortSignal | undefined, followed: boolean) {
    signal?.throwIfAborted();
    this.request = request;
    this.body = bodyOf(request);
    this.key = key;
    this.deadlineAt = deadlineAt;
    this.followed = followed;
    this.#signal = signal;
    const { promise, resolve, reject } = Promise.withResolvers<SubmittedRun>();
    this.promise = promise;
    this.#settle = { resolve, reject };
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** As it stands in a batch. */
  get item(): string {
    const { correlationId, traceparent, tracestate } = this.request;
    if (this.key === undefined && correlationId === undefined && traceparent === undefined) return this.body;
    const more = JSON.stringify({ idempotencyKey: this.key, correlationId, traceparent, tracestate });
    return `${this.body.slice(0, -1)},${more.slice(1)}`;
  }

  /** Headers of a request of its own. */
  get headers(): Readonly<Record<string, string>> {
    const { correlationId, traceparent, tracestate } = this.request;
    return {
      ...(this.key === undefined ? undefined : { 'idempotency-key': this.key }),
      ...(correlationId === undefined ? undefined : { 'x-correlation-id': correlationId }),
      ...(traceparent === undefined ? undefined : { traceparent }),
      ...(tracestate === undefined ? undefined : { tracestate }),
    };
  }

  resolve(run: SubmittedRun): void {
    this.#end();
    this.#settle.resolve(run);
  }

  reject(error: MainstayError | Error): void {
    this.#end();
    this.#settle.reject(error);
  }

  #end(): void {
    this.settled = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    if (this.#signal !== undefined && !this.settled) this.reject(reasonOf(this.#signal));
  };
}

function bodyOf({ pipeline, version, input, priority }: RunRequest): string {
  try {
    return JSON.stringify({ pipeline, version, input, priority });
  } catch (error) {
    throw new ValidationError('VALIDATION_FAILED', 'The input of the run cannot be written as JSON', { cause: error });
  }
}
