import type { WindowTotals } from './circuit.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerStateChange {
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** The last failure before it opened; absent when a slow call, a result or somebody's hand opened it, and for the other states. */
  readonly cause?: unknown;
}

export type BreakerListener = (change: BreakerStateChange) => void;

/** Counts of a breaker, for metrics. */
export interface BreakerStats extends WindowTotals {
  readonly state: BreakerState;
  /** Calls that were not made because the circuit was open, since the breaker was made. */
  readonly refused: number;
}

/** Stops calling a dependency that fails, and lets one call through from time to time to see whether it is back. */
export interface Breaker {
  readonly name: string;
  readonly state: BreakerState;
  readonly stats: BreakerStats;
  /**
   * Runs `fn` unless the circuit is open; then it rejects with `CIRCUIT_OPEN` without calling it, and
   * `details.retryAfterMs` says when the next probe is due. An attempt of `retry` may stand for the options: it passes its signal on.
   */
  execute<T>(fn: (signal: AbortSignal) => Promise<T> | T, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  /**
   * Tells of every change of state. Returns the function that ends it. No timer turns an open circuit half-open: that is told when the
   * first call comes after the open time.
   */
  on(event: 'state', listener: BreakerListener): () => void;
  /** Opens the circuit by hand; it is probed after `openMs` (default: as usual; `Infinity`: it stays open until it is reset). */
  trip(openMs?: number): void;
  /** Closes the circuit by hand and forgets all calls. */
  reset(): void;
  /** Calls are refused from then on. */
  close(): void;
}
