/** All occurrences of the same error. */
export interface ErrorGroup {
  readonly fingerprint: string;
  readonly code: string;
  readonly name: string;
  /** The message without what differs between occurrences. */
  readonly pattern: string;
  /** Milliseconds since 1970. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
  /** Occurrences per minute over the last minutes; see {@link RATE_WINDOW_MS}. */
  readonly perMinute: number;
  /** Ids of affected runs, the newest last; see `runsTruncated`. */
  readonly runs: readonly string[];
  /** More runs were affected than are named. */
  readonly runsTruncated: boolean;
  /** Message and stack of the newest occurrence; bounded. */
  readonly sample: { readonly message: string; readonly stack?: string };
}

/** Over so long the rate is taken. */
export const RATE_WINDOW_MS = 300_000;
