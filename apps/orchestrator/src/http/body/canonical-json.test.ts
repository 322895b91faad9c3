import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '@mainstay/types';
import { canonicalJson, requestHash } from './canonical-json.ts';

/** The same value with the members of all objects in reverse order. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]: [string, JsonValue]) => [key, reversed(member)] as const)
      .reverse(),
  );
}

describe('canonicalJson', () => {
  test('does not depend on the order of keys and keeps the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (raw) => {
        const value = JSON.parse(JSON.stringify(raw)) as JsonValue;
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  test('tells different requests apart', () => {
    const hashes = [
      requestHash('POST', '/a', { x: 1 }),
      requestHash('POST', '/a', { x: 2 }),
      requestHash('POST', '/b', { x: 1 }),
      requestHash('PUT', '/a', { x: 1 }),
      requestHash('POST', '/a', [1, 2]),
      requestHash('POST', '/a', [2, 1]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
