import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import type { AttemptRow, Store } from '../store/store.ts';
import type { Marks } from './marks.ts';
import { Trouble } from './trouble.ts';

export interface UncertainDeps {
  readonly self: string;
  readonly store: Store;
  readonly marks: Marks;
  /** Has these attempts dispatched anew; resolves when that is on disk. */
  readonly undelivered: (attempts: readonly AttemptRow[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Between two tries. */
  readonly retryMs: number;
}

/** More than are dispatched between two tries. What lies beyond is found as missing. */
const MAX_ATTEMPTS = 10_000;

/**
 * Batches of which nobody knows whether they are on disk, because the commit had no answer, or whether their tasks were
 * sent. The lowest one stays open and so holds the publishing mark; once the store answers, everything above the mark that is
 * dispatched is dispatched anew. However long the store is away, two numbers say it all.
 */
export class Uncertain {
  readonly #deps: UncertainDeps;
  readonly #trouble: Trouble;
  /** The lowest batch that is being settled: it stays open. */
  #settling: number | undefined;
  /** The lowest of those that came since the present try began. */
  #since: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: UncertainDeps) {
    this.#deps = deps;
    this.#trouble = new Trouble('finding out what became of commits without an answer', deps.logger, deps.clock);
  }

  add(batch: number): void {
    this.#since = this.#lower(this.#since, batch);
    this.#loop ??= this.#settle().finally(() => (this.#loop = undefined));
  }

  /** Ends when the signal has aborted. */
  async ended(): Promise<void> {
    await this.#loop;
  }

  async #settle(): Promise<void> {
    const { clock, signal, retryMs } = this.#deps;
    while (!signal.aborted && (this.#settling ?? this.#since) !== undefined) {
      await clock.sleep(retryMs, signal).catch(() => undefined);
      if (this.#since !== undefined) this.#settling = this.#lower(this.#settling, this.#since);
      this.#since = undefined;
      try {
        await this.#tryOnce();
        this.#trouble.worked();
      } catch (error) {
        this.#trouble.failed(error);
      }
    }
  }

  async #tryOnce(): Promise<void> {
    const { self, store, marks, undelivered } = this.#deps;
    await store.checkIn(marks.current());
    await undelivered(await store.unpublished([self], MAX_ATTEMPTS));
    if (this.#settling !== undefined) marks.close(this.#settling);
    this.#settling = undefined;
  }

  /** Of two uncertain batches the lower one holds the mark for both. */
  #lower(a: number | undefined, b: number): number {
    if (a === undefined) return b;
    this.#deps.marks.close(Math.max(a, b));
    return Math.min(a, b);
  }
}
