/** A look at one dependency. */
export interface HealthCheck {
  /**
   * Rejects when the dependency is unusable; may be asynchronous. An object that it gives is shown as the check's details.
   * It is not called again before it has ended: one that hangs and does not stop when the signal aborts holds what it holds once.
   */
  check(signal: AbortSignal): unknown;
  /** An answer that takes longer counts as hanging. Default 80, at most 90: readiness answers within 100 ms. */
  readonly timeoutMs?: number;
  /** A result is good for so long, and up to a tenth longer, so that processes do not all look at the same moment. Default 500. */
  readonly cacheMs?: number;
  /** The component that it looks at, by name: before that has started the check is not called, and `starting`. */
  readonly component?: string;
  /** What is not well within so many milliseconds after its component has started is still starting. Default 0. */
  readonly settleMs?: number;
  /** Whether the process is down without this dependency; else it is degraded. Default true. */
  readonly critical?: boolean;
}

/** What is not ok is `down` when the check is critical, and `degraded` when it is not. */
export type CheckStatus = 'ok' | 'degraded' | 'down';

export interface CheckResult {
  readonly status: CheckStatus;
  /** Of the check that the result is from; of one that hangs, until now. */
  readonly latencyMs: number;
  /** When the check ceased to be ok, as an ISO time. */
  readonly since?: string;
  /** When it was ok for the last time, as an ISO time; absent while it is ok, and if it never was. */
  readonly lastOkAt?: string;
  /** Code of the error, `OPERATION_TIMEOUT` of a check that hangs. Its message is in the log only, because readiness is public. */
  readonly code?: string;
  /** Why it is not ok, where nothing is wrong. */
  readonly reason?: 'starting';
  readonly details?: object;
}
