import { MainstayError, wasNeverConnected } from '@mainstay/types';

/** Codes of the platform that say that the other side has not begun. */
const NOT_TAKEN: ReadonlySet<unknown> = new Set(['CIRCUIT_OPEN', 'EMERGENCY', 'OVERLOADED', 'RATE_LIMITED', 'SHUTTING_DOWN']);

const DEEPEST_CAUSE = 5;

/** True if the error proves that the work was not begun, so that even work that must not be done twice can be tried again. */
export function wasNotTaken(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < DEEPEST_CAUSE && typeof error === 'object' && error !== null; depth++) {
    if ('code' in error && (NOT_TAKEN.has(error.code) || wasNeverConnected(error.code))) return true;
    // what the platform has classified says so itself
    if (error instanceof MainstayError && error.code !== 'NETWORK_FAILED') return false;
    error = 'cause' in error ? error.cause : undefined;
  }
  return false;
}

/** Methods that RFC 9110 calls idempotent. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** True if a request may be sent twice: by its method, or because it carries an `Idempotency-Key`. */
export function isIdempotentRequest(method: string, hasIdempotencyKey = false): boolean {
  return hasIdempotencyKey || IDEMPOTENT.has(method.toUpperCase());
}
