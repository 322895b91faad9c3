import { type Attributes, type OwnAttributes, spanErrorOf, type SpanError, type SpanRecord } from '@mainstay/observability';
import type { CallSpan } from '../task-context.ts';

/** What a call needs of the trace of its attempt. */
export interface CallHost {
  readonly tracestate: string | undefined;
  /** Id of the span of the attempt's n-th call. */
  callSpanId(number: number): string;
  traceparentOf(spanId: string): string;
  callEnded(call: CallTrace): void;
}

export type CallFacts = Pick<SpanRecord, 'spanId' | 'name' | 'kind' | 'startMs' | 'endMs' | 'attributes' | 'error'>;

interface CallEnding {
  readonly endMs: number;
  readonly outcome: string;
  readonly tries: number;
  readonly attributes: Attributes;
  readonly error: SpanError | undefined;
}

/** The span of one call, all its tries together. Only numbers are noted on the way: of most calls no span is wanted. */
export class CallTrace implements CallSpan {
  readonly #name: string;
  readonly #number: number;
  readonly #host: CallHost;
  readonly #startMs = Date.now();
  readonly #begun = performance.now();
  #spanId: string | undefined;
  #attributes: Attributes = {};
  #tries = 0;
  #ending: CallEnding | undefined;

  constructor(name: string, number: number, host: CallHost) {
    this.#name = name;
    this.#number = number;
    this.#host = host;
  }

  get traceparent(): string {
    return this.#host.traceparentOf(this.#id);
  }

  get tracestate(): string | undefined {
    return this.#host.tracestate;
  }

  set(attributes: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  tried(): void {
    this.#tries += 1;
  }

  /** `thrown`: what it rejected with. */
  ended(outcome: string, thrown?: unknown): void {
    const error = thrown === undefined ? undefined : spanErrorOf(thrown);
    const endMs = this.#startMs + performance.now() - this.#begun;
    this.#ending = { endMs, outcome, tries: this.#tries, attributes: this.#attributes, error };
    this.#host.callEnded(this);
  }

  /** What its span tells, once it has ended. */
  facts(): CallFacts | undefined {
    if (this.#ending === undefined) return undefined;
    const { endMs, outcome, tries, attributes, error } = this.#ending;
    return {
      ...{ spanId: this.#id, name: `call ${this.#name}`, kind: 'client', startMs: this.#startMs, endMs, error },
      attributes: {
        ...attributes,
        'mainstay.call': this.#name,
        'mainstay.call.tries': tries,
        'mainstay.outcome': outcome,
      } satisfies OwnAttributes,
    };
  }

  get #id(): string {
    return (this.#spanId ??= this.#host.callSpanId(this.#number));
  }
}
