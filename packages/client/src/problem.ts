import { type ErrorCode, isErrorCode, type JsonObject, type MainstayError, NetworkError, reviveError } from '@mainstay/types';

/** The longest wait that a server may ask for. */
const LONGEST_WAIT_MS = 60_000;
/** Of requests that were refused before anything was done. */
const REFUSED: ReadonlySet<string> = new Set<ErrorCode>(['OVERLOADED', 'RATE_LIMITED', 'SHUTTING_DOWN']);
/** Of connections that were never made. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

interface Problem {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly details?: unknown;
  readonly issues?: unknown;
  readonly correlationId?: unknown;
}

/** The error that an answer tells of: by its problem details, or by its status where it has none. */
export function errorOf(status: number, text: string, retryAfter: string | undefined): MainstayError {
  return problemError(status, parsed(text), retryAfterMs(retryAfter));
}

/** The error that a problem document tells of. Codes that are not known here stand for their status and are in `details.code`. */
export function problemError(status: number, problem: unknown, retryAfter?: number): MainstayError {
  const { code, title, detail, details, issues, correlationId } = isObject(problem) ? (problem as Problem) : {};
  const sent = typeof code === 'string' ? code : undefined;
  const known = sent !== undefined && isErrorCode(sent) ? sent : codeOf(status);
  const message = typeof detail === 'string' ? detail : typeof title === 'string' ? title : `The server answered with status ${status}`;
  return reviveError({
    code: known,
    name: '',
    message,
    disposition: status === 429 || status >= 500 || status === 408 ? 'retryable' : 'terminal',
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    details: {
      ...(isObject(details) ? (details as JsonObject) : {}),
      ...(Array.isArray(issues) ? { issues: issues as JsonObject[] } : {}),
      ...(typeof correlationId === 'string' ? { correlationId } : {}),
      ...(sent === known || sent === undefined ? {} : { code: sent }),
    },
  });
}

/** What Node threw for a connection or an answer. */
export function networkError(url: string, thrown: unknown): NetworkError {
  if (thrown instanceof NetworkError) return thrown;
  const reason = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const words = thrown instanceof Error && thrown.message !== '' ? thrown.message : reason;
  return new NetworkError(`${url} cannot be reached: ${words}`, { cause: thrown, details: { reason } });
}

/** Whether the server did nothing at all, so that even what must not be done twice may be sent again. */
export function wasNotTaken(error: MainstayError): boolean {
  return REFUSED.has(error.code) || NOT_CONNECTED.has(error.details['reason']);
}

/** Milliseconds that a `Retry-After` of so many seconds asks to wait. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Number(header) * 1_000);
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'CONFLICT';
    case 413:
      return 'PAYLOAD_TOO_LARGE';
    case 429:
      return 'RATE_LIMITED';
    case 503:
      return 'OVERLOADED';
    default:
      return status >= 500 ? 'INTERNAL' : 'VALIDATION_FAILED';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
