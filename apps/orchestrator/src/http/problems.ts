import { redact, redactText } from '@mainstay/observability';
import { type core, ZodError } from 'zod';
import { CancelledError, errorCatalogue, type JsonObject, type JsonValue, MainstayError, ValidationError } from '@mainstay/types';
import { traceIdOf } from '@mainstay/observability';
import type { TraceContext } from './trace-context.ts';
import { pointer } from '../pipeline/definition-issue.ts';

/** RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  readonly code: string;
  readonly hint: string;
  readonly correlationId: string;
  readonly traceId: string;
  /** Each fault: a JSON pointer to where, and what is wrong. */
  readonly issues?: readonly JsonValue[];
  readonly details?: JsonObject;
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProblemPlace {
  readonly instance: string;
  readonly correlationId: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
}

/** The place of a request to this path. */
export function placeOf(instance: string, { correlationId, traceparent }: TraceContext): ProblemPlace {
  return { instance, correlationId, traceId: traceIdOf(traceparent) };
}

/** The only map from errors to HTTP. Errors that are not ours, or lie inside, show their code's title and nothing of themselves. */
export function toProblem(thrown: unknown, place: ProblemPlace): ProblemAnswer {
  const error = known(thrown);
  const { title, status, hint } = errorCatalogue[error.code];
  const open = isOpen(error);
  const { issues, ...details } = open ? (redact(error.details) as JsonObject) : openDetails(error);
  return {
    problem: {
      type: `urn:mainstay:error:${error.code}`,
      title,
      status,
      // errors and paths carry what was being said when they happened
      detail: open ? redactText(error.message) : title,
      instance: redactText(place.instance),
      code: error.code,
      // here the issues stand beside the details
      hint: hint.replace('details.issues', 'issues'),
      correlationId: redactText(place.correlationId),
      traceId: place.traceId,
      ...(Array.isArray(issues) ? { issues: issues.map(asIssue) } : {}),
      ...(Object.keys(details).length === 0 ? {} : { details }),
    },
    headers: headersOf(error),
  };
}

/** What a schema says against a value, as our error. */
export function schemaError(error: ZodError | core.$ZodError, what: string): ValidationError {
  const issues = error.issues.slice(0, 100).map((issue) => ({ path: pointer(issue.path), problem: issue.message.slice(0, 500), in: what }));
  const first = issues[0];
  const where = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
  return new ValidationError('VALIDATION_FAILED', `The ${what} is invalid${where}: ${first?.problem ?? 'unknown reason'}`, {
    details: { issues },
  });
}

function known(thrown: unknown): MainstayError {
  if (thrown instanceof MainstayError) return thrown;
  if (thrown instanceof ZodError) return schemaError(thrown, 'request');
  if (thrown instanceof URIError) return new ValidationError('VALIDATION_FAILED', 'The path is not properly percent-encoded');
  return new MainstayError('INTERNAL', 'Something went wrong inside', { cause: thrown });
}

/** Every issue has `path` and `problem`, whoever raised it. */
function asIssue(issue: JsonValue): JsonValue {
  if (typeof issue !== 'object' || issue === null || Array.isArray(issue)) return { path: '', problem: String(issue) };
  const { message, ...rest } = issue as JsonObject;
  return { path: '', ...rest, problem: rest['problem'] ?? message ?? 'invalid' };
}

/** Whether message and details are meant for the one who asked. */
function isOpen(error: MainstayError): boolean {
  if (error.category === 'overload' || error instanceof CancelledError) return true;
  return error.status < 500;
}

/** Of an error that lies inside only this is told: what ran out. */
function openDetails({ details: { resource } }: MainstayError): JsonObject {
  return typeof resource === 'string' ? { resource } : {};
}

/** Statuses after which the same request may be taken soon. */
const PASSING: ReadonlySet<number> = new Set([429, 503, 507]);

function headersOf(error: MainstayError): Readonly<Record<string, string>> {
  const waitMs = error.retryAfterMs ?? (PASSING.has(error.status) ? 1_000 : undefined);
  return {
    ...(waitMs === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1_000))) }),
    ...(error.code === 'UNAUTHENTICATED' ? { 'WWW-Authenticate': 'Bearer realm="mainstay"' } : {}),
    ...(error.code === 'METHOD_NOT_ALLOWED' && typeof error.details['allow'] === 'string' ? { Allow: error.details['allow'] } : {}),
  };
}
