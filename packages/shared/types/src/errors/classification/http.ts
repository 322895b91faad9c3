import { codeOfStatus, dispositionOfStatus } from '../http-status.ts';
import { parseRetryAfter } from '../retry-after.ts';
import type { Classification } from './classification.ts';
import { shapeOf, type Shape, textOf } from './shape.ts';

/** Whoever classifies decides whether a day is too long to wait. */
const LONGEST_MS = 86_400_000;

/**
 * Answers of HTTP services that a library threw: a status from 400 to 599 at the error or at its `response`, with the
 * `Retry-After` of their headers.
 */
export function classifyHttp(error: Shape, nowMs: number): Classification | undefined {
  const response = shapeOf(error, 'response');
  const status = statusOf(error) ?? (response === undefined ? undefined : statusOf(response));
  if (status === undefined) return undefined;
  const headers = shapeOf(error, 'headers') ?? shapeOf(response, 'headers');
  const retryAfterMs = parseRetryAfter(headers === undefined ? undefined : header(headers, 'retry-after'), nowMs, LONGEST_MS);
  const disposition = dispositionOfStatus(status);
  return {
    code: codeOfStatus(status),
    disposition,
    details: { status },
    ...(retryAfterMs === undefined || disposition === 'terminal' ? {} : { retryAfterMs }),
  };
}

function statusOf(error: Shape): number | undefined {
  const status = error['status'] ?? error['statusCode'];
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

/** Of a `Headers` or of a plain object, in whatever case. */
function header(headers: Shape, name: string): string | undefined {
  const { get } = headers;
  if (typeof get === 'function') {
    const value: unknown = (get as (name: string) => unknown).call(headers, name);
    return typeof value === 'string' ? value : undefined;
  }
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : textOf(headers, key);
}
