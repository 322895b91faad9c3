import { type SerializedError, serializeError } from '@mainstay/types';
import { isRedactedKey } from './redacted-keys.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Bounds of what one field of a log line may hold; more is cut. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
const MAX_STRING = 16_384;

/** `scheme://user:password@host`, in any string. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@"\\]{0,256}:)[^\s/@"\\]{1,512}@/gi;
/** The credentials of an Authorization header, in any string. */
const CREDENTIALS = /\b(authorization\W{1,5}basic\s{1,5}|bearer\s{1,5}(?=[\w.~+/=-]{16}))[\w.~+/=-]{1,8192}/gi;

/** No shorter text has credentials that {@link CREDENTIALS} finds: `authorization basic x`. */
const MIN_CREDENTIALS = 21;

/** The text without passwords of connection strings and without credentials of Authorization headers. */
export function redactText(text: string): string {
  const withoutUrls = text.includes('://') ? text.replace(URL_PASSWORD, `$1${REDACTED}@`) : text;
  return withoutUrls.length < MIN_CREDENTIALS ? withoutUrls : withoutUrls.replace(CREDENTIALS, `$1${REDACTED}`);
}

/**
 * A copy that may be logged: secrets are replaced by name and by pattern at every depth, errors become data with their
 * code, details and causes, and everything is bounded. The value itself is not changed.
 */
export function redact(value: unknown): unknown {
  return copy(value, new Set(), 0);
}

function copy(value: unknown, path: Set<object>, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value.length <= MAX_STRING ? value : `${value.slice(0, MAX_STRING - 1)}…`);
    case 'bigint':
      return value.toString();
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : copyObject(value, path, depth);
    default:
      return value;
  }
}

function copyObject(value: object, path: Set<object>, depth: number): unknown {
  if (path.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[too deep]';
  path.add(value);
  try {
    return copyFields(value, path, depth + 1);
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.message : typeof error}]`;
  } finally {
    path.delete(value);
  }
}

function copyFields(value: object, path: Set<object>, depth: number): unknown {
  if (isError(value)) return copyRecord(errorFields(serializeError(value, { stack: true })), path, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return copyList(value, path, depth);
  if (value instanceof Set) return copyList([...value], path, depth);
  if (value instanceof Map) return copyRecord(Object.fromEntries<unknown>(value), path, depth);
  if (hasJson(value)) return copy(value.toJSON(), path, depth);
  return copyRecord(value, path, depth);
}

function copyList(list: readonly unknown[], path: Set<object>, depth: number): unknown[] {
  const copied = list.slice(0, MAX_ENTRIES).map((item) => copy(item, path, depth));
  if (list.length > MAX_ENTRIES) copied.push(`[${list.length - MAX_ENTRIES} more]`);
  return copied;
}

function copyRecord(record: object, path: Set<object>, depth: number): Record<string, unknown> {
  const entries = Object.entries(record);
  const copied: Record<string, unknown> = {};
  for (const [key, item] of entries.slice(0, MAX_ENTRIES)) {
    if (item !== undefined) copied[key] = isRedactedKey(key) ? REDACTED : copy(item, path, depth);
  }
  if (entries.length > MAX_ENTRIES) copied['…'] = `[${entries.length - MAX_ENTRIES} more]`;
  return copied;
}

/** Name first, then the facts, then the stack: the order in which a person reads it. */
function errorFields({ name, code, message, ...rest }: SerializedError): object {
  return { type: name, code, message, ...rest, ...(rest.cause === undefined ? {} : { cause: errorFields(rest.cause) }) };
}

function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** Also for errors of another realm, such as those of Node's core under a test runner. */
function isError(value: object): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
