import { outOfContext } from '../context.ts';
import { type DropReason, type SpanCounts, type SpanExporter, SpansRefused } from './span-exporter.ts';
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
  readonly exporter: SpanExporter;
  readonly counts: SpanCounts;
  /** Told of each export that failed. Must not throw. */
  readonly onFailure: (error: unknown, spans: number) => void;
}

/** Makes the spans of something that is over. Small: what it holds is held until it is called. */
export type MakeSpans = () => Iterable<SpanRecord>;

/** So many wait at most until they are called together. */
const MAX_MAKERS = 64;

/** Spans on their way to the exporter: in batches, one at a time. Nothing waits for it, and it never holds more than its bound. */
export class SpanQueue {
  readonly #parts: SpanQueueParts;
  #waiting: SpanRecord[] = [];
  #makers: MakeSpans[] = [];
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
    } else if (this.#waiting.length >= maxQueueSize) {
      this.#drop(1, 'queue-full');
    } else {
      this.#waiting.push(span);
      if (this.#waiting.length >= maxBatchSize) void this.#send();
      else this.#schedule();
    }
  }

  /**
   * Adds spans that are made when a batch is sent, or when many wait to be made: the code that makes them, called once in a while, takes some
   * ten times as long as when it is called again and again.
   */
  later(make: MakeSpans): void {
    this.#makers.push(make);
    if (this.#closed || this.#makers.length >= MAX_MAKERS) this.#make();
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
    this.#drop(this.#waiting.splice(0).length + this.#sent, 'shutdown');
    await within(this.#parts.exporter.close(), Math.max(0, end - performance.now()));
  }

  #schedule(): void {
    this.#timer ??= outOfContext(() => setTimeout(() => void this.#sendAll(), this.#parts.settings.scheduleDelayMs).unref());
  }

  #make(): void {
    const makers = this.#makers;
    this.#makers = [];
    for (const make of makers) {
      try {
        for (const span of make()) this.add(span);
      } catch (error) {
        this.#drop(1, 'failed');
        this.#parts.onFailure(error, 1);
      }
    }
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
    const { maxBatchSize } = this.#parts.settings;
    while (this.#waiting.length >= maxBatchSize || (this.#due && this.#waiting.length > 0)) {
      await this.#export(this.#waiting.splice(0, maxBatchSize));
    }
    this.#due = false;
  }

  async #export(spans: readonly SpanRecord[]): Promise<void> {
    const { exporter, counts, settings, onFailure } = this.#parts;
    this.#sent = spans.length;
    try {
      if (!(await within(exporter.export(spans), settings.exportTimeoutMs, false)))
        throw new Error(`no answer in ${settings.exportTimeoutMs} ms`);
      if (!this.#over) counts.exported(spans.length);
    } catch (error) {
      if (this.#over) return;
      const failed = error instanceof SpansRefused ? Math.min(error.refused, spans.length) : spans.length;
      if (failed < spans.length) counts.exported(spans.length - failed);
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
