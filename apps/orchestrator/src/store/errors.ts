import type { ErrorDelta, ErrorGroup } from '@mainstay/hardening';
import type { Page, PageRequest } from './store.ts';

/** `resolved` ends when the error is seen again; `ignored` stays. */
export const ERROR_STATUSES = ['open', 'resolved', 'ignored'] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** All occurrences of the same error, of one tenant. Times are store times. */
export interface ErrorGroupRow extends Omit<ErrorGroup, 'pattern'> {
  /** The message without what differs between occurrences. */
  readonly title: string;
  readonly status: ErrorStatus;
  /** Affected runs, the newest first, at most {@link MAX_ERROR_RUNS}. */
  readonly runs: readonly string[];
  /** When and by whom the status was set last. */
  readonly markedAt?: number;
  readonly markedBy?: string;
}

/** What happened in one process, to be added to the groups of a tenant. */
export interface ErrorFlush {
  /** The process; unique. */
  readonly source: string;
  /** Grows from one flush of the source to the next, from 1. */
  readonly sequence: number;
  readonly tenant: string;
  /** Each fingerprint at most once. */
  readonly deltas: readonly ErrorDelta[];
}

export interface ErrorFilter {
  readonly status?: ErrorStatus;
  readonly code?: string;
  /** Those that affected this run, as far as it is named. */
  readonly run?: string;
}

/** Runs that a group names. */
export const MAX_ERROR_RUNS = 20;
/** Groups of a tenant that outlast {@link ErrorStore.purgeErrors}: those seen last. */
export const MAX_ERROR_GROUPS = 5_000;

/** Errors in groups. */
export interface ErrorStore {
  /**
   * Adds a flush to the groups, all or nothing, unless it or a later one of its source was added before: so it may be repeated when its
   * outcome is unknown. A resolved group that was seen again after that is open again.
   */
  countErrors(flush: ErrorFlush): Promise<void>;
  errorGroup(tenant: string, fingerprint: string): Promise<ErrorGroupRow | undefined>;
  /** The one seen last first. */
  errorGroups(tenant: string, filter: ErrorFilter, page: PageRequest): Promise<Page<ErrorGroupRow>>;
  /** Sets the status; undefined when there is no such group. */
  markErrorGroup(tenant: string, fingerprint: string, status: ErrorStatus, by: string): Promise<ErrorGroupRow | undefined>;
  /**
   * Removes groups that were not seen since the given time, and those of a tenant beyond {@link MAX_ERROR_GROUPS}, about `limit` of
   * each kind. Returns how many.
   */
  purgeErrors(before: number, limit: number): Promise<number>;
}

const CURSOR = /^(\d{1,15})\.([0-9a-f]{16})$/;

/** Where a group stands in the listing. */
export function errorKey({ lastSeenAt, fingerprint }: Pick<ErrorGroupRow, 'lastSeenAt' | 'fingerprint'>): string {
  return `${String(lastSeenAt)}.${fingerprint}`;
}

export function isErrorKey(key: string): boolean {
  return CURSOR.test(key);
}

/** The way back from {@link errorKey}. */
export function errorPlace(key: string): { readonly lastSeenAt: number; readonly fingerprint: string } {
  const [, lastSeenAt = '0', fingerprint = ''] = CURSOR.exec(key) ?? [];
  return { lastSeenAt: Number(lastSeenAt), fingerprint };
}

/** Runs of a delta, the newest first, and whether there may be more. */
export function runsOf({ runs, count }: ErrorDelta): { readonly runs: readonly string[]; readonly truncated: boolean } {
  const newest = [...new Set(runs.toReversed())].slice(0, MAX_ERROR_RUNS);
  return { runs: newest, truncated: newest.length === MAX_ERROR_RUNS && count > MAX_ERROR_RUNS };
}
