import {
  codeOfStatus,
  dispositionOfStatus,
  type ErrorCode,
  isErrorCode,
  type JsonObject,
  type MainstayError,
  parseRetryAfter,
  reviveError,
  wasNeverConnected,
} from '@mainstay/types';

/** Of requests that were refused before anything was done. */
const REFUSED: ReadonlySet<string> = new Set<ErrorCode>(['OVERLOADED', 'RATE_LIMITED', 'SHUTTING_DOWN']);

interface Problem {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly details?: unknown;
  readonly issues?: unknown;
  readonly correlationId?: unknown;
}

/** The error that an answer tells of: by its problem details, or by its status where it has none. */
export function errorOf(status: number, text: string, retryAfter: string | undefined, nowMs: number): MainstayError {
  return problemError(status, parsed(text), parseRetryAfter(retryAfter, nowMs));
}

/** The error that a problem document tells of. Codes that are not known here stand for their status and are in `details.code`. */
export function problemError(status: number, problem: unknown, retryAfter?: number): MainstayError {
  const { code, title, detail, details, issues, correlationId } = isObject(problem) ? (problem as Problem) : {};
  const sent = typeof code === 'string' ? code : undefined;
  const known = sent !== undefined && isErrorCode(sent) ? sent : codeOfStatus(status);
  const message = typeof detail === 'string' ? detail : typeof title === 'string' ? title : `The server answered with status ${status}`;
  return reviveError({
    code: known,
    name: '',
    message,
    disposition: dispositionOfStatus(status),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    details: {
      ...(isObject(details) ? (details as JsonObject) : {}),
      ...(Array.isArray(issues) ? { issues: issues as JsonObject[] } : {}),
      ...(typeof correlationId === 'string' ? { correlationId } : {}),
      ...(sent === known || sent === undefined ? {} : { code: sent }),
    },
  });
}

/** Whether the server did nothing at all, so that even what must not be done twice may be sent again. */
export function wasNotTaken(error: MainstayError): boolean {
  return REFUSED.has(error.code) || wasNeverConnected(error.details['reason']);
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
