import type { ErrorDelta } from '@mainstay/hardening';
import { MainstayError } from '@mainstay/types';
import type { ErrorFlush, ErrorStore } from '../store/errors.ts';

/**
 * Hands what was counted to the store, exactly once. What was handed over and not answered for is kept as it is and handed over again
 * under the same number, before anything else: the store knows whether it has it. Holds one hand-over at most.
 */
export class ErrorOutbox {
  readonly #store: Pick<ErrorStore, 'countErrors'>;
  readonly #source: string;
  #sequence = 0;
  #waiting: ErrorFlush | undefined;
  #refused = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `source`: unique to this process. */
  constructor(store: Pick<ErrorStore, 'countErrors'>, source: string) {
    this.#store = store;
    this.#source = source;
  }

  /** Occurrences that the store refused for what they are. */
  get refused(): number {
    return this.#refused;
  }

  /** Resolves when the deltas are the outbox's own, stored or not. Rejects, without having taken them, while it cannot hand over what waits. */
  write(tenant: string, deltas: readonly ErrorDelta[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#send();
      this.#waiting = { source: this.#source, sequence: ++this.#sequence, tenant, deltas };
      // the flush that follows tells when it fails
      await this.#send().catch(() => undefined);
    });
  }

  /** Hands over what waits; rejects when the store cannot be reached. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#send());
  }

  async #send(): Promise<void> {
    const flush = this.#waiting;
    if (flush === undefined) return;
    try {
      await this.#store.countErrors(flush);
    } catch (error) {
      if (mayPass(error)) throw error;
      for (const { count } of flush.deltas) this.#refused += count;
    }
    this.#waiting = undefined;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Anything else would be refused again, and all that comes behind it would wait for ever. */
function mayPass(error: unknown): boolean {
  return error instanceof MainstayError && (error.category === 'dependency' || error.category === 'timeout');
}
