import type { JsonValue } from '@mainstay/types';

/** Bytes that one UTF-16 unit of a text takes at most: `\\u0000`. */
const UNIT_BYTES = 6;
/** Longer than any number, `false` or `null`. */
const SCALAR_BYTES = 26;
/** Deeper values are counted exactly. */
const MAX_DEPTH = 100;

/**
 * The size of the value's JSON in bytes where it is more than `limit`, otherwise undefined. What is small for certain is
 * only looked through; JSON is written for large values alone.
 */
export function bytesBeyond(value: JsonValue, limit: number): number | undefined {
  if (left(value, limit, 0) >= 0) return undefined;
  const bytes = jsonBytes(value);
  return bytes > limit ? bytes : undefined;
}

export function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** What is left of the budget when the value takes as much as it can at worst; negative when it may not suffice. */
function left(value: JsonValue, budget: number, depth: number): number {
  if (typeof value === 'string') return budget - UNIT_BYTES * value.length - 3;
  if (typeof value !== 'object' || value === null) return budget - SCALAR_BYTES;
  if (depth >= MAX_DEPTH) return -1;
  let rest = budget - 3;
  if (isList(value)) {
    for (let i = 0; i < value.length && rest >= 0; i++) rest = left(value[i] ?? null, rest, depth + 1);
    return rest;
  }
  for (const key in value) {
    rest = left(value[key] ?? null, rest - UNIT_BYTES * key.length - 4, depth + 1);
    if (rest < 0) return rest;
  }
  return rest;
}

function isList(value: readonly JsonValue[] | object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
