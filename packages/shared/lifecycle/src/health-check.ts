/** A look at one dependency. */
export interface HealthCheck {
  /**
   * Rejects when the dependency is unusable; may be asynchronous. An object that it gives is shown as the check's details.
   * Should stop when the signal aborts.
   */
  check(signal: AbortSignal): unknown;
  /** An answer that takes longer counts as hanging. Default 80, at most 90: readiness answers within 100 ms. */
  readonly timeoutMs?: number;
  /** A result is good for so long. Default 500. */
  readonly cacheMs?: number;
  /** Whether the process is unavailable without this dependency; else it is degraded. Default true. */
  readonly critical?: boolean;
}

/** `hanging`: the check was called and has not answered within its time. */
export type CheckStatus = 'ok' | 'failed' | 'hanging';

export interface CheckResult {
  readonly status: CheckStatus;
  readonly latencyMs: number;
  /** When the check ceased to be ok, as an ISO time. */
  readonly since?: string;
  /** Code of the error; its message is in the log only, because readiness is public. */
  readonly error?: string;
  readonly details?: object;
}
