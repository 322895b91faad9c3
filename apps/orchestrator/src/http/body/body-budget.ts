import { OverloadError } from '@mainstay/types';

const RETRY_AFTER_MS = 1_000;

/** Bounds the bytes of all request bodies that are held at the same time. */
export class BodyBudget {
  readonly #maxBytes: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Undefined when there is room: then the bytes are held until they are given back. Else why there is none. */
  take(bytes: number): OverloadError | undefined {
    if (this.#held + bytes > this.#maxBytes) {
      return new OverloadError('OVERLOADED', `The bodies of requests under way have ${this.#maxBytes} bytes already; retry later`, {
        details: { maxBytes: this.#maxBytes },
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#held += bytes;
    return undefined;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}
