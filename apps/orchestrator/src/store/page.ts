import { ValidationError } from '@mainstay/types';
import type { Page, PageRequest } from './store.ts';

/** Longest page of any listing. */
export const MAX_PAGE = 500;

/** The page's length within its bounds. */
export function pageLimit(page: PageRequest): number {
  return Math.max(1, Math.min(MAX_PAGE, Math.trunc(page.limit) || 1));
}

/** The key after which the page begins; undefined: at the start. Throws VALIDATION_FAILED for a cursor that is not ours. */
export function cursorKey(page: PageRequest, isKey: (key: string) => boolean = (key) => key !== ''): string | undefined {
  if (page.cursor === undefined) return undefined;
  const key = Buffer.from(page.cursor, 'base64url').toString('utf8');
  if (isKey(key) && toCursor(key) === page.cursor) return key;
  throw new ValidationError('VALIDATION_FAILED', 'The cursor is not one that this listing gave out: begin again without a cursor', {
    details: { issues: [{ path: 'cursor', message: 'not a cursor of this listing' }] },
  });
}

/** A page from one row more than the page holds: that row tells whether the listing goes on. */
export function toPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, cursor: toCursor(keyOf(last)) } : { items };
}

/** What continues a listing after the row with this key. */
export function toCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}
