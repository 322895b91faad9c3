/** A part of a process that is started, drained and stopped with it. */
export interface Component {
  /** Unique within the lifecycle; appears in logs and errors. */
  readonly name: string;
  /** Ready for work when it resolves. The signal aborts when a shutdown interrupts the start. A failing start cleans up after itself. */
  start?(signal: AbortSignal): Promise<void> | void;
  /**
   * Takes no new work and waits for what runs. The signal aborts when the grace period of the whole shutdown is over:
   * then the component hands its work back and has `stopTimeoutMs` left to do so.
   */
  drain?(deadline: AbortSignal): Promise<void> | void;
  /** Releases what the component holds. */
  stop?(): Promise<void> | void;
  /** Limit of `stop`, and of what `drain` and `start` may still do after their signal aborted. Default 5,000. */
  readonly stopTimeoutMs?: number;
}

export type StepName = 'start' | 'drain' | 'stop';

/** A step of a shutdown that failed or took too long. */
export interface StepFailure {
  readonly component: string;
  readonly step: StepName;
  readonly error: unknown;
}

export const DEFAULT_STOP_TIMEOUT_MS = 5_000;
