import type { SpanRecord } from './span-record.ts';

/** Spans that go away together. */
export interface SpanBatch {
  /** Nothing of the span is held by it. When it throws, the span is not in it. */
  add(span: SpanRecord): void;
  /** Called once, and nothing is added after it. Rejects when they did not arrive, with {@link SpansRefused} when some did. */
  send(): Promise<void>;
}

/** What takes spans away in batches that are written as the spans come. */
export interface BatchExporter {
  open(): SpanBatch;
  close(): Promise<void>;
}

/** What takes spans away as they are. */
export interface SpanExporter {
  /** Rejects when they did not arrive, with {@link SpansRefused} when some did. */
  export(spans: readonly SpanRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Holds the spans of a batch until they are sent. */
export function inBatches(exporter: SpanExporter): BatchExporter {
  return {
    open: () => {
      const spans: SpanRecord[] = [];
      return { add: (span) => spans.push(span), send: () => exporter.export(spans) };
    },
    close: () => exporter.close(),
  };
}

/** The receiver took the spans but for some. */
export class SpansRefused extends Error {
  readonly refused: number;

  constructor(refused: number, reason: string) {
    super(`the receiver refused ${refused} spans: ${reason}`);
    this.refused = refused;
  }
}

/** Why spans did not arrive: the queue was full; they could not be sent; the process ended before. */
export type DropReason = 'queue-full' | 'failed' | 'shutdown';

/** Told of what became of spans. Must not throw. */
export interface SpanCounts {
  exported(spans: number): void;
  dropped(spans: number, reason: DropReason): void;
}
