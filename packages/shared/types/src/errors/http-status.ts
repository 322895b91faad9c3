import type { Disposition, ErrorCode } from './catalogue.ts';

/** Codes of statuses that say more than their hundred does. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  407: 'UNAUTHENTICATED',
  408: 'OPERATION_TIMEOUT',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  412: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  425: 'OVERLOADED',
  429: 'RATE_LIMITED',
  499: 'CANCELLED',
  502: 'NETWORK_FAILED',
  503: 'OVERLOADED',
  504: 'OPERATION_TIMEOUT',
  507: 'DISK_FULL',
  529: 'OVERLOADED',
};

/** Of the statuses below 500 those after which the same request may be taken. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Of those from 500 on those that say that it never will be. */
const LASTING: ReadonlySet<number> = new Set([501, 505, 506, 510, 511]);

/** The code that an HTTP status (400 to 599) stands for, of an answer that names none. */
export function codeOfStatus(status: number): ErrorCode {
  return CODES[status] ?? (status >= 500 ? 'INTERNAL' : 'VALIDATION_FAILED');
}

/** Whether the same request may be answered otherwise later. */
export function dispositionOfStatus(status: number): Exclude<Disposition, 'cancelled'> {
  const passing = status >= 500 ? !LASTING.has(status) : PASSING.has(status);
  return passing ? 'retryable' : 'terminal';
}
