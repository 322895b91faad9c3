import type { RunEnd } from '../../store/store.ts';

/**
 * A place in the ends of a tenant's runs: a time (milliseconds since 1970, the store's), and the run that ended then. Without
 * a run it lies before all that ended at that time.
 */
export interface Position {
  readonly at: number;
  readonly run?: string;
}

export const POSITION = /^\d{1,15}(?:\.\d{1,6})?(?:_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/;

/** Commits become visible out of order: what ended up to so long before a position may have been missed. */
export const OVERLAP_MS = 5_000;

/** From a text that {@link POSITION} matches. */
export function positionOf(text: string): Position {
  const [at, run] = text.split('_');
  return { at: Number(at), ...(run === undefined ? {} : { run }) };
}

export function positionText({ at, run }: Position): string {
  return run === undefined ? String(at) : `${at}_${run}`;
}

export function positionAfter({ at, run }: RunEnd): string {
  return `${at}_${run}`;
}
