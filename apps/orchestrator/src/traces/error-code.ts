import type { JsonValue } from '@mainstay/types';

/** The code of an error as events tell of it. */
export function errorCode(error: JsonValue | undefined, otherwise: string): string {
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return otherwise;
  const { code } = error as { readonly [key: string]: JsonValue };
  return typeof code === 'string' ? code : otherwise;
}
