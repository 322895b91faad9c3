import { z } from 'zod';
import { jsonObjectSchema } from '../json-schema.ts';
import { errorCatalogue, isErrorCode, type ErrorCategory, type ErrorCode } from './catalogue.ts';
import * as classes from './classes.ts';
import { type ErrorOptions, MainstayError } from './mainstay-error.ts';

/** Causes nested deeper than this are cut off. */
export const MAX_CAUSE_DEPTH = 5;
/** Longer messages are cut to this many characters. */
export const MAX_MESSAGE_LENGTH = 2_000;
/** Longer stacks are cut to this many characters. */
export const MAX_STACK_LENGTH = 8_000;

/** An error as it travels between processes and is kept in the database. */
export interface SerializedError {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly disposition: 'terminal' | 'retryable' | 'cancelled';
  readonly details?: z.infer<typeof jsonObjectSchema> | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly stack?: string | undefined;
  readonly cause?: SerializedError | undefined;
}

/** Schema of {@link SerializedError}; unknown fields are dropped, so that newer senders are understood. */
export const serializedErrorSchema: z.ZodType<SerializedError> = z.object({
  code: z.string().min(1).max(64),
  name: z.string().max(128),
  message: z.string().max(MAX_MESSAGE_LENGTH),
  disposition: z.enum(['terminal', 'retryable', 'cancelled']),
  details: jsonObjectSchema.optional(),
  retryAfterMs: z.number().nonnegative().optional(),
  stack: z.string().max(MAX_STACK_LENGTH).optional(),
  get cause() {
    return serializedErrorSchema.optional();
  },
});

/** Any thrown value as a {@link MainstayError}: itself, or wrapped as `INTERNAL` with the value as its cause. */
export function toMainstayError(thrown: unknown, code: ErrorCode = 'INTERNAL'): MainstayError {
  if (thrown instanceof MainstayError) return thrown;
  const message = isError(thrown) ? thrown.message : describe(thrown);
  return new MainstayError(code, message, { cause: thrown });
}

/** Makes any thrown value fit to travel. The stack is included only where `stack` is true (default false). */
export function serializeError(thrown: unknown, options: { readonly stack?: boolean } = {}): SerializedError {
  return serialize(thrown, options.stack ?? false, 0);
}

function serialize(thrown: unknown, withStack: boolean, depth: number): SerializedError {
  const known = thrown instanceof MainstayError ? thrown : undefined;
  const error = isError(thrown) ? thrown : undefined;
  const cause = error?.cause;
  return {
    code: known?.code ?? foreignCode(error) ?? 'INTERNAL',
    name: cut(error?.name ?? typeof thrown, 128),
    message: cut(error?.message ?? describe(thrown), MAX_MESSAGE_LENGTH),
    disposition: known?.disposition ?? 'retryable',
    ...(known && Object.keys(known.details).length > 0 ? { details: known.details } : {}),
    ...(known?.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
    ...(withStack && error?.stack !== undefined ? { stack: cut(error.stack, MAX_STACK_LENGTH) } : {}),
    ...(cause === undefined || depth >= MAX_CAUSE_DEPTH ? {} : { cause: serialize(cause, withStack, depth + 1) }),
  };
}

/** The `code` of an error that is not ours (`ECONNREFUSED`, `23505`, …), kept as it is. */
function foreignCode(error: Error | undefined): string | undefined {
  if (error === undefined || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.length > 0 && error.code.length <= 64 ? error.code : undefined;
}

/** An error again, of the class that its code's category names; unknown codes become `INTERNAL` and keep theirs in `details.code`. */
export function reviveError(serialized: SerializedError): MainstayError {
  const code = isErrorCode(serialized.code) ? serialized.code : 'INTERNAL';
  const options: ErrorOptions = {
    details: { ...serialized.details, ...(code === serialized.code ? {} : { code: serialized.code }) },
    disposition: serialized.disposition,
    ...(serialized.retryAfterMs === undefined ? {} : { retryAfterMs: serialized.retryAfterMs }),
    ...(serialized.cause === undefined ? {} : { cause: reviveError(serialized.cause) }),
  };
  const error = construct(code, serialized.message, options);
  if (serialized.stack !== undefined) error.stack = serialized.stack;
  return error;
}

type AnyConstructor = new (code: never, message: string, options?: ErrorOptions) => MainstayError;

const byCategory: Readonly<Record<Exclude<ErrorCategory, 'network' | 'internal'>, AnyConstructor>> = {
  agent: classes.AgentError,
  pipeline: classes.PipelineError,
  validation: classes.ValidationError,
  timeout: classes.TimeoutError,
  conflict: classes.ConflictError,
  'not-found': classes.NotFoundError,
  authentication: classes.AuthError,
  authorization: classes.AuthError,
  overload: classes.OverloadError,
  configuration: classes.ConfigurationError,
  dependency: classes.DependencyError,
  cancelled: classes.CancelledError,
};

function construct(code: ErrorCode, message: string, options: ErrorOptions): MainstayError {
  const { category } = errorCatalogue[code];
  if (category === 'network') return new classes.NetworkError(message, options);
  if (category === 'internal') return new classes.InternalError(message, options);
  return new byCategory[category](code as never, message, options);
}

/** Also true for errors of another realm, such as those of Node's core under a test runner. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}

function describe(thrown: unknown): string {
  try {
    const json: unknown = typeof thrown === 'string' ? thrown : JSON.stringify(thrown);
    return typeof json === 'string' ? json : String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
