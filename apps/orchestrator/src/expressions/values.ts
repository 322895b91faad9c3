import type { JsonObject, JsonValue } from '@mainstay/types';
import { type Evaluation, failed, spend, textCost } from './evaluation.ts';
import { MAX_RESULT_DEPTH } from './limits.ts';

export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isMap(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name of a value's type in messages. */
export function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Own properties only: prototypes are out of reach. */
export function field(value: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Deep equality; values of different types are different. */
export function equal(at: Evaluation, a: JsonValue, b: JsonValue): boolean {
  if (typeof a === 'string' && typeof b === 'string') {
    spend(at, textCost(Math.min(a.length, b.length)));
    return a === b;
  }
  spend(at, 1);
  if (a === b) return true;
  if (isList(a)) return isList(b) && equalLists(at, a, b);
  return isMap(a) && isMap(b) && equalMaps(at, a, b);
}

function equalLists(at: Evaluation, a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  return a.length === b.length && a.every((item, i) => equal(at, item, b[i] ?? null));
}

function equalMaps(at: Evaluation, a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  spend(at, keys.length);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const other = field(b, key);
    return other !== undefined && equal(at, a[key] ?? null, other);
  });
}

/** A number fit for JSON; whole numbers stay within what a double holds exactly. */
export function checkedNumber(at: Evaluation, value: number, whole: boolean): number {
  if (!Number.isFinite(value)) throw failed(at, 'the result is not a finite number');
  if (whole && !Number.isSafeInteger(value)) throw failed(at, 'the result is a whole number beyond 2^53 - 1');
  return value;
}

/**
 * About how many characters the value's JSON has, or Infinity once that is more than `limit` or the nesting is too
 * deep. Takes no longer than `limit` steps, also for a value whose parts are shared.
 */
export function jsonLength(value: JsonValue, limit: number, depth = 0): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  if (depth >= MAX_RESULT_DEPTH) return Infinity;
  return isList(value) ? listLength(value, limit, depth) : mapLength(value, limit, depth);
}

function listLength(list: readonly JsonValue[], limit: number, depth: number): number {
  let length = 2 + list.length;
  for (let i = 0; i < list.length && length <= limit; i++) length += jsonLength(list[i] ?? null, limit - length, depth + 1);
  return length > limit ? Infinity : length;
}

function mapLength(map: JsonObject, limit: number, depth: number): number {
  let length = 2;
  for (const key of Object.keys(map)) {
    length += key.length + 4 + jsonLength(map[key] ?? null, limit - length, depth + 1);
    if (length > limit) return Infinity;
  }
  return length;
}
