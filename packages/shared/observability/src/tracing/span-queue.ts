import { outOfContext } from '../context.ts';
import { type BatchExporter, type DropReason, type SpanBatch, type SpanCounts, SpansRefused } from './span-exporter.ts';
import type { SpanRecord } from './span-record.ts';

export interface SpanQueueSettings {
  /** Spans that wait at most; further ones are dropped. `OTEL_BSP_MAX_QUEUE_SIZE`. */
  readonly maxQueueSize: number;
  /** Spans in one request. `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. */
  readonly maxBatchSize: number;
  /** A span waits for others so long at most. `OTEL_BSP_SCHEDULE_DELAY`. */
  readonly scheduleDelayMs: number;
  /** An export that takes longer has failed. `OTEL_BSP_EXPORT_TIMEOUT`. */
  readonly exportTimeoutMs: number;
}

export interface SpanQueueParts {
  readonly settings: SpanQueueSettings;
  readonly exporter: BatchExporter;
  readonly counts: SpanCounts;
  /** Told of each export that failed. Must not throw. */
  readonly onFailure: (error: unknown, spans: number) => void;
}

/** Makes the spans of something that is over. Small: what it holds is held until it is called. */
export type MakeSpans = () => Iterable<SpanRecord>;

/** Spans of so many wait at most until they are made together. */
const MAX_UNMADE = 128;

/** A batch that waits. */
interface Counted {
  readonly batch: SpanBatch;
  spans: number;
}

/** Spans on their way to the exporter: in batches, one at a time. Nothing waits for it, and it never holds more than its bound. */
export class SpanQueue {
  readonly #parts: SpanQueueParts;
  /** All but the last are full. */
  readonly #batches: Counted[] = [];
  /** Spans in them. */
  #waiting = 0;
  #makers: MakeSpans[] = [];
  /** Spans that they will make, about. */
  #unmade = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  /** Also a batch that is not full is to be sent. */
  #due = false;
  #closed = false;
  /** Spans that are being sent. */
  #sent = 0;
  /** What is being sent was given up, and is counted. */
  #over = false;

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  add(span: SpanRecord): void {
    const { maxQueueSize, maxBatchSize } = this.#parts.settings;
    if (this.#closed) {
      this.#drop(1, 'shutdown');
    } else if (this.#waiting >= maxQueueSize) {
      this.#drop(1, 'queue-full');
    } else if (this.#write(span)) {
      if (this.#waiting >= maxBatchSize) void this.#send();
      else this.#schedule();
    }
  }

  /**
   * Adds about so many spans, which are made when a batch is sent, or when many wait to be made: the code that makes them, called once in a
   * while, takes some ten times as long as when it is called again and again.
   */
  later(make: MakeSpans, spans: number): void {
    this.#makers.push(make);
    // one that may make none is held as well
    this.#unmade += Math.max(1, spans);
    if (this.#closed || this.#unmade >= MAX_UNMADE) this.#make();
    else this.#schedule();
  }

  /** Resolves when what waits now has been sent or given up, or after so long. */
  async flush(withinMs: number): Promise<void> {
    await within(this.#sendAll(), withinMs);
  }

  /** Sends what it can within the time; the rest is dropped. Idempotent. */
  async close(withinMs: number): Promise<void> {
    if (this.#closed) return;
    this.#make();
    this.#closed = true;
    const end = performance.now() + withinMs;
    await this.flush(withinMs);
    clearTimeout(this.#timer);
    this.#over = true;
    this.#drop(this.#waiting + this.#sent, 'shutdown');
    this.#batches.length = this.#waiting = 0;
    await within(this.#parts.exporter.close(), Math.max(0, end - performance.now()));
  }

  #schedule(): void {
    this.#timer ??= outOfContext(() => setTimeout(() => void this.#sendAll(), this.#parts.settings.scheduleDelayMs).unref());
  }

  /** Into the last batch, or a new one when that is full. False: it could not be written. */
  #write(span: SpanRecord): boolean {
    const { exporter, settings } = this.#parts;
    let last = this.#batches.at(-1);
    if (last === undefined || last.spans >= settings.maxBatchSize) this.#batches.push((last = { batch: exporter.open(), spans: 0 }));
    try {
      last.batch.add(span);
    } catch (error) {
      this.#failed(error);
      return false;
    }
    last.spans++;
    this.#waiting++;
    return true;
  }

  #make(): void {
    const makers = this.#makers;
    this.#makers = [];
    this.#unmade = 0;
    for (const make of makers) {
      try {
        for (const span of make()) this.add(span);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** A span could not be made or written. */
  #failed(error: unknown): void {
    this.#drop(1, 'failed');
    this.#parts.onFailure(error, 1);
  }

  #sendAll(): Promise<void> {
    this.#make();
    this.#due = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#send();
  }

  #send(): Promise<void> {
    this.#sending ??= outOfContext(() => this.#loop()).finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #loop(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#export(next);
    this.#due = false;
  }

  #next(): Counted | undefined {
    const enough = this.#due ? 1 : this.#parts.settings.maxBatchSize;
    const next = this.#waiting >= enough ? this.#batches.shift() : undefined;
    this.#waiting -= next?.spans ?? 0;
    return next;
  }

  async #export({ batch, spans }: Counted): Promise<void> {
    const { counts, settings, onFailure } = this.#parts;
    this.#sent = spans;
    try {
      if (!(await within(batch.send(), settings.exportTimeoutMs, false))) throw new Error(`no answer in ${settings.exportTimeoutMs} ms`);
      if (!this.#over) counts.exported(spans);
    } catch (error) {
      if (this.#over) return;
      const failed = error instanceof SpansRefused ? Math.min(error.refused, spans) : spans;
      if (failed < spans) counts.exported(spans - failed);
      this.#drop(failed, 'failed');
      onFailure(error, failed);
    } finally {
      this.#sent = 0;
    }
  }

  #drop(spans: number, reason: DropReason): void {
    if (spans > 0) this.#parts.counts.dropped(spans, reason);
  }
}

/** True when the work came to its end in time. What it rejects with is passed on. `ref`: whether the wait keeps the process alive. */
function within(work: Promise<void>, ms: number, ref = true): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const limit = setTimeout(late.resolve, ms, false);
  if (!ref) limit.unref();
  return Promise.race([work.then(() => true), late.promise]).finally(() => {
    clearTimeout(limit);
  });
}
