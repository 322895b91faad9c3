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

export type JsonCopy = { readonly ok: true; readonly value: JsonValue; readonly bytes: number } | NotJson;

/** Values nested deeper than this are refused. */
export const MAX_JSON_DEPTH = 100;

class Refused extends Error {
  readonly reason: NotJson['reason'];
  readonly path: string;
  readonly problem: string;

  constructor(reason: NotJson['reason'], path: string, problem: string) {
    super(problem);
    this.reason = reason;
    this.path = path;
    this.problem = problem;
  }
}

/**
 * A copy of a value that a program built, made only of JSON; later changes to the original do not reach it. What JSON
 * would silently alter is refused (NaN, Map, undefined in lists, cycles, …); undefined members are left out and `toJSON` is
 * honoured. `bytes` is the size of the JSON text, at most `maxBytes`.
 */
export function jsonCopy(value: unknown, maxBytes: number): JsonCopy {
  const walk = new Walk(maxBytes);
  try {
    const copy = walk.copy(value, '$', 0);
    const bytes = Buffer.byteLength(JSON.stringify(copy));
    if (bytes > maxBytes) return tooLarge(`it has ${bytes} bytes, the limit is ${maxBytes}`);
    return { ok: true, value: copy, bytes };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.reason, path: error.path, problem: error.problem };
    const problem = `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, reason: 'not-json', path: '$', problem };
  }
}

function tooLarge(problem: string): NotJson {
  return { ok: false, reason: 'too-large', path: '$', problem };
}

class Walk {
  readonly #maxBytes: number;
  /** Never more than the bytes of the text so far, so that a huge value is refused before it is copied. */
  #atLeast = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  copy(value: unknown, path: string, depth: number): JsonValue {
    switch (typeof value) {
      case 'string':
        this.#count(value.length + 2);
        return value;
      case 'boolean':
        this.#count(4);
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new Refused('not-json', path, `${value} is not JSON`);
        this.#count(1);
        // JSON has no negative zero
        return value === 0 ? 0 : value;
      case 'object':
        return value === null ? null : this.#object(value, path, depth);
      default:
        throw new Refused('not-json', path, `a value of type ${typeof value} is not JSON`);
    }
  }

  #object(value: object, path: string, depth: number): JsonValue {
    if (depth >= MAX_JSON_DEPTH)
      throw new Refused('not-json', path, `it is nested deeper than ${MAX_JSON_DEPTH} levels, or contains itself`);
    this.#count(2);
    if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => this.copy(item, `${path}[${index}]`, depth + 1));
    if (hasToJson(value)) return this.copy(value.toJSON(), path, depth + 1);
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof Promise || value instanceof Error) {
      throw new Refused('not-json', path, `a ${value.constructor.name} is not JSON`);
    }
    return this.#members(value, path, depth);
  }

  #members(value: object, path: string, depth: number): JsonValue {
    const copy: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      this.#count(key.length + 3);
      const copied = this.copy(member, `${path}.${key}`, depth + 1);
      if (key === '__proto__') Object.defineProperty(copy, key, { value: copied, enumerable: true, configurable: true, writable: true });
      else copy[key] = copied;
    }
    return copy;
  }

  #count(bytes: number): void {
    this.#atLeast += bytes;
    if (this.#atLeast > this.#maxBytes) throw new Refused('too-large', '$', `it has more than ${this.#maxBytes} bytes`);
  }
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
