import type { JsonValue } from '@mainstay/types';

/** Why a value is not JSON, and where. */
export interface NotJson {
  readonly ok: false;
  readonly reason: 'not-json' | 'too-large';
  /** Path into the value, such as `$.items[3].at`. */
  readonly path: string;
  /** What was wrong there. */
  readonly problem: string;
}

export type JsonCopy = { readonly ok: true; readonly value: JsonValue } | NotJson;

/** Values nested deeper than this are refused. */
export const MAX_JSON_DEPTH = 100;

/** A character that is written as `\u001f` has six bytes. */
const MAX_CHARACTER_BYTES = 6;
/** `-1.7976931348623157e+308` */
const MAX_NUMBER_BYTES = 24;

class Refused extends Error {
  readonly reason: NotJson['reason'];

  constructor(reason: NotJson['reason'], problem: string) {
    super(problem);
    this.reason = reason;
  }
}

/**
 * A copy of a value that a program built, made only of JSON; later changes to the original do not reach it. What JSON
 * would silently alter is refused (NaN, Map, undefined in lists, cycles, …); undefined members are left out and `toJSON` is
 * honoured. The JSON text has at most `maxBytes`; it is only written out to be counted when it may come near that.
 */
export function jsonCopy(value: unknown, maxBytes: number): JsonCopy {
  const walk = new Walk(maxBytes);
  try {
    const copy = walk.copy(value, 0);
    if (walk.atMost > maxBytes) {
      const bytes = jsonBytes(copy);
      if (bytes > maxBytes) return tooLarge(`it has ${bytes} bytes, the limit is ${maxBytes}`);
    }
    return { ok: true, value: copy };
  } catch (error) {
    if (error instanceof Refused) {
      return error.reason === 'too-large'
        ? tooLarge(error.message)
        : { ok: false, reason: error.reason, path: walk.path, problem: error.message };
    }
    const problem = `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, reason: 'not-json', path: '$', problem };
  }
}

/** Size of a value's JSON text. */
export function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function tooLarge(problem: string): NotJson {
  return { ok: false, reason: 'too-large', path: '$', problem };
}

class Walk {
  /** Never less than the bytes of the text. */
  atMost = 0;
  readonly #maxBytes: number;
  /** Never more than the bytes of the text so far, so that a huge value is refused before it is copied. */
  #atLeast = 0;
  /** Where the walk is: names of members and places in lists, from the outside in. */
  readonly #steps: (string | number)[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Where the walk is, or where it was refused. */
  get path(): string {
    return `$${this.#steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
  }

  copy(value: unknown, depth: number): JsonValue {
    switch (typeof value) {
      case 'string':
        this.#count(value.length + 2, value.length * MAX_CHARACTER_BYTES + 2);
        return value;
      case 'boolean':
        this.#count(4, 5);
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new Refused('not-json', `${value} is not JSON`);
        this.#count(1, MAX_NUMBER_BYTES);
        // JSON has no negative zero
        return value === 0 ? 0 : value;
      case 'object':
        if (value !== null) return this.#object(value, depth);
        this.#count(4, 4);
        return null;
      default:
        throw new Refused('not-json', `a value of type ${typeof value} is not JSON`);
    }
  }

  #object(value: object, depth: number): JsonValue {
    if (depth >= MAX_JSON_DEPTH) throw new Refused('not-json', `it is nested deeper than ${MAX_JSON_DEPTH} levels, or contains itself`);
    this.#count(2, 2);
    if (Array.isArray(value)) return this.#items(value, depth);
    if (hasToJson(value)) return this.copy(value.toJSON(), depth + 1);
    if (Object.getPrototypeOf(value) !== Object.prototype) refuseKnown(value);
    return this.#members(value, depth);
  }

  #items(items: readonly unknown[], depth: number): JsonValue {
    const copy: JsonValue[] = [];
    for (let at = 0; at < items.length; at++) {
      this.#steps.push(at);
      if (at > 0) this.#count(1, 1);
      copy.push(this.copy(items[at], depth + 1));
      this.#steps.pop();
    }
    return copy;
  }

  #members(value: object, depth: number): JsonValue {
    const copy: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      this.#steps.push(key);
      this.#count(key.length + 3, key.length * MAX_CHARACTER_BYTES + 4);
      const copied = this.copy(member, depth + 1);
      if (key === '__proto__') Object.defineProperty(copy, key, { value: copied, enumerable: true, configurable: true, writable: true });
      else copy[key] = copied;
      this.#steps.pop();
    }
    return copy;
  }

  #count(atLeast: number, atMost: number): void {
    this.#atLeast += atLeast;
    this.atMost += atMost;
    if (this.#atLeast > this.#maxBytes) throw new Refused('too-large', `it has more than ${this.#maxBytes} bytes`);
  }
}

/** What JSON would turn into an empty object or into something else altogether. */
function refuseKnown(value: object): void {
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof Promise || value instanceof Error) {
    throw new Refused('not-json', `a ${value.constructor.name} is not JSON`);
  }
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
