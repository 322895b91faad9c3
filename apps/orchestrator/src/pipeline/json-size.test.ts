import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@mainstay/types';
import fc from 'fast-check';
import { bytesBeyond, jsonBytes } from './json-size.ts';

describe('bytesBeyond', () => {
  test('says the exact size of what is larger than the limit, and nothing of what is not', () => {
    const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 400 }), (value, limit) => {
        const bytes = jsonBytes(value);
        expect(bytesBeyond(value, limit)).toBe(bytes > limit ? bytes : undefined);
      }),
    );
  });

  test.each<[string, JsonValue]>([
    ['a number in its longest form', -1.7976931348623157e-308],
    ['a text that is all escapes', '\u0000\u0001\ud800'],
    ['a key that is all escapes', { '\u0000\u0001\ud800': false }],
    ['an empty text', ''],
    ['lists in lists', [[[]], [[[]]]]],
  ])('never takes %s for smaller than it is', (_name, value) => {
    const bytes = jsonBytes(value);
    expect([bytesBeyond(value, bytes), bytesBeyond(value, bytes - 1)]).toEqual([undefined, bytes]);
  });

  test('counts exactly what is nested deeply', () => {
    let value: JsonValue = 1;
    for (let i = 0; i < 200; i++) value = [value];
    expect([bytesBeyond(value, 10_000), bytesBeyond(value, 400)]).toEqual([undefined, 401]);
  });
});
