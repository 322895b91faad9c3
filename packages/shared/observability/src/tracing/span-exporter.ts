import type { SpanRecord } from './span-record.ts';

/** What takes spans away. */
export interface SpanExporter {
  /** Rejects when they did not arrive, with {@link SpansRefused} when some did. */
  export(spans: readonly SpanRecord[]): Promise<void>;
  close(): Promise<void>;
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
