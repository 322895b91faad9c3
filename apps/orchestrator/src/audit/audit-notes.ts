import type { Logger } from '@mainstay/observability';
import { MainstayError, toMainstayError } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import type { AuditEntry, AuditStore } from '../store/audit.ts';
import { type AuditFacts, newAuditEntry } from '../store/audit-entry.ts';

export interface AuditNotesDeps {
  readonly store: Pick<AuditStore, 'record'>;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** What is noted waits so long for the database before its cause goes on. */
const WAIT_MS = 2_000;
const RETRY_MS = 1_000;
/** Records that wait; further ones are in the log only. */
const MAX_WAITING = 1_000;
const BATCH = 100;

interface Waiting {
  readonly entry: AuditEntry;
  readonly notedAt: number;
  readonly written: PromiseWithResolvers<undefined>;
}

/**
 * Writes down what is done to processes rather than to the database: before it is done. An operator must be able to act while the
 * database is away, so a record that cannot be written within two seconds is logged as it is, waits, and is written when the database is
 * back, with the time at which it was noted. What waits when the process dies is in its log only.
 */
export class AuditNotes {
  readonly #store: AuditNotesDeps['store'];
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #waiting: Waiting[] = [];
  #isWriting = false;
  #work: Promise<void> = Promise.resolve();

  constructor({ store, logger, clock = systemClock }: AuditNotesDeps) {
    this.#store = store;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Records that are not written yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when the record is on disk, or after two seconds; never rejects. */
  async note(facts: AuditFacts): Promise<void> {
    const entry = newAuditEntry(facts);
    if (this.#waiting.length >= MAX_WAITING || this.#stopping.signal.aborted) {
      this.#lost(entry, 'it cannot wait');
      return;
    }
    const waiting: Waiting = { entry, notedAt: this.#clock.now(), written: Promise.withResolvers<undefined>() };
    this.#waiting.push(waiting);
    if (!this.#isWriting) this.#work = this.#writeAll();
    await this.#untilLate(waiting.written.promise);
    if (this.#waiting.includes(waiting)) {
      this.#logger.warn({ audit: entry }, 'an audit record waits for the database');
    }
  }

  /** Tries once more what waits, and logs what cannot be written. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const tried = this.#work.then(() => this.#write(this.#waiting)).catch(() => undefined);
    await this.#untilLate(tried);
    for (const { entry } of this.#waiting.splice(0)) this.#lost(entry, 'this process ends');
  }

  /** Waits for two seconds at most. */
  async #untilLate(work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    using _timer = this.#clock.setTimeout(() => {
      resolve(undefined);
    }, WAIT_MS);
    await Promise.race([work, late]);
  }

  async #writeAll(): Promise<void> {
    const { signal } = this.#stopping;
    this.#isWriting = true;
    while (this.#waiting.length > 0 && !signal.aborted) {
      try {
        await this.#write(this.#waiting.slice(0, BATCH));
      } catch {
        await this.#clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
    this.#isWriting = false;
  }

  /** Rejects while the database is away; what it refuses for what it is, is left to the log. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#store.record(batch.map((waiting) => this.#dated(waiting)));
      this.#done(batch);
    } catch (error) {
      if (mayPass(error)) throw error;
      const [first, ...others] = batch;
      if (first === undefined) return;
      if (others.length > 0) {
        for (const one of batch) await this.#write([one]);
        return;
      }
      this.#done(batch);
      this.#lost(first.entry, toMainstayError(error).message);
    }
  }

  #done(batch: readonly Waiting[]): void {
    const done = new Set(batch);
    this.#waiting = this.#waiting.filter((waiting) => !done.has(waiting));
    for (const { written } of batch) written.resolve(undefined);
  }

  /** The record says by itself when it was written; one that comes late says when it was noted, too. */
  #dated({ entry, notedAt }: Waiting): AuditEntry {
    if (this.#clock.now() - notedAt < RETRY_MS) return entry;
    return { ...entry, details: { ...entry.details, notedAt: new Date(notedAt).toISOString() } };
  }

  #lost(entry: AuditEntry, why: string): void {
    this.#logger.error({ audit: entry, why }, 'an audit record was not written: this line is all there is of it');
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof MainstayError && (error.category === 'dependency' || error.category === 'timeout');
}
