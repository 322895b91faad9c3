import type { z } from 'zod';
import { ValidationError } from '../errors/classes.ts';

/** Sender and receiver may be so many versions apart. */
export const VERSION_WINDOW = 2;

const MAX_ISSUES = 20;

/** One published version of a message family. */
export interface MessageVersion {
  readonly schema: z.ZodType;
  /** The message in the shape of the next version, its `v` included. Every version but the current one has it. */
  readonly upgrade?: (message: never) => unknown;
}

/** A kind of message and how it looked in each version that may still arrive. `T` is the current shape. */
export interface MessageFamily<T> {
  readonly name: string;
  /** The version that this program writes. */
  readonly current: number;
  /** Schema of the current version. */
  readonly schema: z.ZodType<T>;
  /** By version: the current one and the two before it, where they exist. */
  readonly versions: Readonly<Record<number, MessageVersion>>;
  /**
   * True for a message of the current version only if its schema accepts it and gives it back as it is: no unknown field,
   * no default to fill in. Spares most messages the schema, which remains the rule: what this refuses, it decides.
   */
  readonly isExact: (raw: unknown) => boolean;
}

/**
 * Declares a family. `older` holds the two versions before the current one, each with the step to the next; `isExact`
 * belongs to `schema` and changes with it.
 * @throws RangeError when one of them, or its step, is missing: then N-2 would be broken.
 */
export function messageFamily<T>(
  name: string,
  current: number,
  schema: z.ZodType<T>,
  older: Readonly<Record<number, MessageVersion>> = {},
  isExact: (raw: unknown) => boolean = () => false,
): MessageFamily<T> {
  for (let v = oldest(current); v < current; v++) {
    if (older[v]?.upgrade === undefined)
      throw new RangeError(`Messages ${name}: version ${v} needs a schema and a step to version ${v + 1}`);
  }
  return Object.freeze({ name, current, schema, versions: Object.freeze({ ...older, [current]: { schema } }), isExact });
}

/** A version and its step to the next, with the step's argument typed by the schema. */
export function olderVersion<S extends z.ZodType>(schema: S, upgrade: (message: z.output<S>) => unknown): MessageVersion {
  return { schema, upgrade };
}

/**
 * Reads a parsed message of the current version, of the two before it (upgraded step by step) or of the two after it
 * (unknown fields are dropped: newer senders only add optional ones). The result has the current shape and version.
 * @throws ValidationError `MESSAGE_VERSION_UNSUPPORTED` outside of that window, `MESSAGE_INVALID` when the schema of its
 *   version refuses it.
 */
export function readMessage<T>(family: MessageFamily<T>, raw: unknown): T {
  const version = versionOf(family, raw);
  const { current } = family;
  if (version === current) return family.isExact(raw) ? (raw as T) : parse(family, family.schema, raw);
  if (version > current) return parse(family, family.schema, { ...(raw as object), v: current });
  return upgraded(family, raw, version);
}

function upgraded<T>(family: MessageFamily<T>, raw: unknown, version: number): T {
  let message = raw;
  for (let v = version; v < family.current; v++) {
    const step = family.versions[v];
    if (step?.upgrade === undefined) throw unsupported(family, version);
    message = step.upgrade(parse(family, step.schema, message) as never);
  }
  return parse(family, family.schema, message);
}

function versionOf(family: MessageFamily<unknown>, raw: unknown): number {
  const v: unknown = typeof raw === 'object' && raw !== null && 'v' in raw ? raw.v : undefined;
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) {
    throw new ValidationError('MESSAGE_INVALID', `A message of the family ${family.name} has no version: v must be a positive integer`, {
      details: { family: family.name, issues: [{ path: 'v', problem: 'must be a positive integer' }] },
    });
  }
  if (v < oldest(family.current) || v > family.current + VERSION_WINDOW) throw unsupported(family, v);
  return v;
}

function parse<T>(family: MessageFamily<unknown>, schema: z.ZodType<T>, message: unknown): T {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES).map(({ path, message: problem }) => ({ path: path.join('.'), problem }));
  const first = issues.map(({ path, problem }) => `${path || 'message'}: ${problem}`)[0] ?? 'invalid';
  throw new ValidationError('MESSAGE_INVALID', `A message of the family ${family.name} is not valid: ${first}`, {
    details: { family: family.name, issues },
  });
}

function unsupported(family: MessageFamily<unknown>, version: number): ValidationError {
  const from = oldest(family.current);
  const to = family.current + VERSION_WINDOW;
  const message = `A message of the family ${family.name} has version ${version}; this program reads ${from} to ${to}`;
  return new ValidationError('MESSAGE_VERSION_UNSUPPORTED', message, {
    details: { family: family.name, version, supported: { from, to } },
  });
}

function oldest(current: number): number {
  return Math.max(1, current - VERSION_WINDOW);
}
