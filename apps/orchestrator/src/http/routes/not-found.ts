import { isUuid, NotFoundError } from '@mainstay/types';

/** Unknown, and known only to other tenants: the same answer. */
export function notFound(code: ConstructorParameters<typeof NotFoundError>[0], what: string, id: string): NotFoundError {
  return new NotFoundError(code, `There is no ${what} ${id.slice(0, 100)}`, { details: { id: id.slice(0, 100) } });
}

/** Ids are UUIDs: what is none does not exist, and the store is not asked. */
export function knownId(code: ConstructorParameters<typeof NotFoundError>[0], what: string, id: string): string {
  if (isUuid(id)) return id;
  throw notFound(code, what, id);
}
