import type { Page, PageRequest } from '../../store/store.ts';
import { DEFAULT_LIMIT } from '../schemas/common.ts';

/** What the store needs of a query. */
export function pageRequest({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit?: number | undefined }): PageRequest {
  return { limit: limit ?? DEFAULT_LIMIT, ...(cursor === undefined ? {} : { cursor }) };
}

export function viewPage<T, V>(page: Page<T>, view: (item: T) => V): { readonly items: readonly V[]; readonly cursor?: string } {
  return { items: page.items.map(view), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}
