import { format } from 'node:util';

/** A line as it is asked for: fields and message. */
export interface LogLine {
  readonly fields: object | undefined;
  readonly message: string | undefined;
  /** The one that the line is about. */
  readonly error: Error | undefined;
}

/**
 * What the arguments of a log call mean, as pino has it: `(fields?, message?, ...values)`, or an error first. An error without a
 * message lends its own.
 */
export function logLine(args: readonly unknown[]): LogLine {
  const [first, second] = args;
  if (typeof first !== 'object' || first === null) return { fields: undefined, message: messageOf(args), error: undefined };
  const fields = first instanceof Error ? { err: first } : first;
  const err: unknown = 'err' in fields ? fields.err : undefined;
  const message = args.length === 2 && typeof second === 'string' ? second : messageOf(args.slice(1));
  return { fields, message: message ?? messageIn(err), error: err instanceof Error ? err : undefined };
}

function messageOf(parts: readonly unknown[]): string | undefined {
  const [message, ...values] = parts;
  if (message === undefined) return undefined;
  return typeof message === 'string' && values.length === 0 ? message : format(message, ...values);
}

function messageIn(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string' ? error.message : undefined;
}
