import type { SpanRecord } from './span-record.ts';

/** What takes spans away. */
export interface SpanExporter {
  /** Rejects when they did not arrive. */
  export(spans: readonly SpanRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Why spans did not arrive: the queue was full; they could not be sent; the process ended before. */
export type DropReason = 'queue-full' | 'failed' | 'shutdown';

/** Told of what became of spans. Must not throw. */
export interface SpanCounts {
  exported(spans: number): void;
  dropped(spans: number, reason: DropReason): void;
}
