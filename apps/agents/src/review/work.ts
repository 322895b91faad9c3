/** What an analysis needs from whoever runs it. */
export interface Work {
  /** Aborts the analysis; its child processes die with it. */
  readonly signal: AbortSignal;
  /** `fraction` from 0 to 1. May be called often: the receiver thins it out. */
  readonly progress: (fraction: number, note: string) => void;
}
