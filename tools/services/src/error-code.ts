/** The `code` of a system or library error. Looks at the value only: such errors may come from another realm, where `instanceof` fails. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
