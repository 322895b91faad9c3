import { ConfigurationError, type SerializedError, serializeError } from '@mainstay/types';
import { isRedactedKey } from './redacted-keys.ts';
import { hideSecrets, isCardNumber, REDACTED } from './secret-patterns.ts';

export { REDACTED } from './secret-patterns.ts';

export interface RedactOptions {
  /** Fields to hide, as `input.customer.name`; `*` is any one name, and lists are passed through. */
  readonly paths?: readonly string[];
  /** Further secrets by their form. They must run in linear time and not match the empty text. */
  readonly patterns?: readonly RegExp[];
}

/** Makes values and texts fit to be shown. */
export interface Redactor {
  /**
   * A copy that may be logged: secrets are replaced by path, by name and by form at every depth, errors become data with their
   * code, details and causes, and everything is bounded. The value itself is not changed.
   */
  readonly value: (value: unknown) => unknown;
  /** The same of an object, which may be the object itself where there is nothing to hide in it and nothing below. */
  readonly fields: (fields: object) => object;
  /** What {@link value} makes of the value of a field of this name, at the top. */
  readonly field: (name: string, value: unknown) => unknown;
  readonly text: (text: string) => string;
}

/** Bounds of what one field of a log line may hold; more is cut. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
const MAX_STRING = 16_384;
/** Smaller numbers have fewer digits than a card. */
const MIN_CARD = 1e13;

type Paths = readonly (readonly string[])[];
const NO_PATHS: Paths = [];

/** @throws ConfigurationError `CONFIG_INVALID` for a pattern that matches the empty text, or an empty path. */
export function createRedactor({ paths = [], patterns = [] }: RedactOptions = {}): Redactor {
  const own = patterns.map(checkedPattern);
  const declared = paths.map(checkedPath);
  const text =
    own.length === 0 ? hideSecrets : (shown: string) => own.reduce((left, one) => left.replace(one, REDACTED), hideSecrets(shown));
  const copier = new Copier(text);
  return {
    value: (value) => copier.copy(value, 0, declared),
    fields: (fields) => (declared.length === 0 && copier.isCleanRecord(fields) ? fields : (copier.copy(fields, 0, declared) as object)),
    field: (name, value) => copier.field(name, value, 1, declared),
    text,
  };
}

function checkedPattern(pattern: RegExp): RegExp {
  const global = new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join('').replace('y', ''));
  if (global.test('')) throw new ConfigurationError('CONFIG_INVALID', `redact: the pattern ${String(pattern)} matches the empty text`);
  return global;
}

function checkedPath(path: string): readonly string[] {
  const steps = path.split('.');
  if (steps.includes('')) throw new ConfigurationError('CONFIG_INVALID', `redact: the path "${path}" has an empty step`);
  return steps;
}

/** What is left of the paths below a field of this name. */
function below(paths: Paths, key: string): Paths {
  if (paths.length === 0) return NO_PATHS;
  return paths.filter(([step]) => step === key || step === '*').map((path) => path.slice(1));
}

class Copier {
  readonly #text: (text: string) => string;
  /** Objects that the present one is in: as many as it is deep. */
  readonly #inside: object[] = [];

  constructor(text: (text: string) => string) {
    this.#text = text;
  }

  copy(value: unknown, depth: number, paths: Paths): unknown {
    switch (typeof value) {
      case 'string':
        return this.#text(value.length <= MAX_STRING ? value : `${value.slice(0, MAX_STRING - 1)}…`);
      case 'number':
        return value >= MIN_CARD && isCardNumber(String(value)) ? REDACTED : value;
      case 'bigint':
        return this.#text(value.toString());
      case 'symbol':
      case 'function':
        return `[${typeof value}]`;
      case 'object':
        return value === null ? null : this.#object(value, depth, paths);
      default:
        return value;
    }
  }

  field(name: string, value: unknown, depth: number, paths: Paths): unknown {
    const left = below(paths, name);
    return isRedactedKey(name) || left.some(({ length }) => length === 0) ? REDACTED : this.copy(value, depth, left);
  }

  /** A plain object of few numbers and texts, none of which is to be hidden: as most lines are, that are then not copied. */
  isCleanRecord(record: object): boolean {
    if (Object.getPrototypeOf(record) !== Object.prototype) return false;
    let left = MAX_ENTRIES;
    try {
      for (const key in record) {
        const item = (record as Readonly<Record<string, unknown>>)[key];
        if (--left < 0 || isRedactedKey(key) || !this.#isClean(item)) return false;
      }
      return true;
    } catch {
      // one that cannot be read is told as such by the copy
      return false;
    }
  }

  #isClean(item: unknown): boolean {
    if (typeof item === 'string') return item.length <= MAX_STRING && this.#text(item) === item;
    return item === undefined || item === null || typeof item === 'boolean' || (typeof item === 'number' && item < MIN_CARD);
  }

  #object(value: object, depth: number, paths: Paths): unknown {
    if (this.#inside.includes(value)) return '[circular]';
    if (depth >= MAX_DEPTH) return '[too deep]';
    this.#inside.push(value);
    try {
      return this.#fields(value, depth + 1, paths);
    } catch (error) {
      return `[unreadable: ${error instanceof Error ? this.#text(error.message) : typeof error}]`;
    } finally {
      this.#inside.pop();
    }
  }

  #fields(value: object, depth: number, paths: Paths): unknown {
    if (isError(value)) return this.#record(errorFields(serializeError(value, { stack: true })), depth, paths);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return this.#list(value, depth, paths);
    if (value instanceof Set) return this.#list([...value], depth, paths);
    if (value instanceof Map) return this.#record(Object.fromEntries<unknown>(value), depth, paths);
    if (hasJson(value)) return this.copy(value.toJSON(), depth, paths);
    return this.#record(value, depth, paths);
  }

  #list(list: readonly unknown[], depth: number, paths: Paths): unknown[] {
    const copied = list.slice(0, MAX_ENTRIES).map((item) => this.copy(item, depth, paths));
    if (list.length > MAX_ENTRIES) copied.push(`[${list.length - MAX_ENTRIES} more]`);
    return copied;
  }

  #record(record: object, depth: number, paths: Paths): Record<string, unknown> {
    const keys = Object.keys(record);
    const copied: Record<string, unknown> = {};
    const shown = Math.min(keys.length, MAX_ENTRIES);
    for (let at = 0; at < shown; at++) {
      const key = keys[at] ?? '';
      const item = (record as Readonly<Record<string, unknown>>)[key];
      if (item !== undefined) copied[key] = this.field(key, item, depth, paths);
    }
    if (keys.length > MAX_ENTRIES) copied['…'] = `[${keys.length - MAX_ENTRIES} more]`;
    return copied;
  }
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

let standard = createRedactor();

/**
 * Has this process hide what these patterns find wherever {@link redact} and {@link redactText} clean what it shows: error texts, problem
 * documents, records. For the whole process, so that no call site can forget it; the last call counts.
 * @throws ConfigurationError `CONFIG_INVALID` for a pattern that matches the empty text.
 */
export function declareSecrets(patterns: readonly RegExp[]): void {
  standard = createRedactor({ patterns });
}

/** What {@link Redactor.value} does, with the patterns of this process: see {@link declareSecrets}. */
export function redact(value: unknown): unknown {
  return standard.value(value);
}

/** The text without what is known by its form to be secret; see {@link declareSecrets}. */
export function redactText(text: string): string {
  return standard.text(text);
}
