import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonBytes, jsonCopy, MAX_JSON_DEPTH } from './json-copy.ts';

const LIMIT = 1_000_000;

describe('jsonCopy', () => {
  test('copies any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const copy = jsonCopy(value, LIMIT);
        expect(copy).toEqual({ ok: true, value: JSON.parse(text) as unknown });
        expect(copy.ok && jsonBytes(copy.value)).toBe(Buffer.byteLength(text));
      }),
    );
  });

  test('accepts a value exactly as large as the limit and refuses the same value when it is one byte less', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(jsonCopy(value, bytes).ok).toBe(true);
        expect(jsonCopy(value, bytes - 1)).toMatchObject({ ok: false, reason: 'too-large' });
      }),
    );
  });

  test('counts exactly what is written with more bytes than it has characters', () => {
    const texts = fc.string({ unit: fc.constantFrom('\u0000', '\n', '"', '\\', 'ß', '€', '😀', '\ud800', 'x') });
    fc.assert(
      fc.property(fc.dictionary(texts, fc.array(texts)), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(jsonCopy(value, bytes).ok).toBe(true);
        expect(jsonCopy(value, bytes - 1)).toMatchObject({ ok: false, reason: 'too-large' });
      }),
    );
  });

  test('is not reached by later changes to the original', () => {
    const original = { list: [1] };
    const copy = jsonCopy(original, LIMIT);
    original.list.push(2);
    expect(copy).toMatchObject({ value: { list: [1] } });
  });

  test('leaves undefined members out and honours toJSON', () => {
    const copy = jsonCopy({ a: undefined, at: new Date(0) }, LIMIT);
    expect(copy).toMatchObject({ ok: true, value: { at: '1970-01-01T00:00:00.000Z' } });
  });

  test('keeps a member named __proto__ a plain member', () => {
    const copy = jsonCopy(JSON.parse('{"__proto__":{"polluted":true}}'), LIMIT);
    expect(copy.ok && JSON.stringify(copy.value)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(copy.ok && copy.value)).toBe(Object.prototype);
  });

  test.each([
    ['NaN', { items: [0, Number.NaN] }, '$.items[1]'],
    ['a BigInt', { a: 1n }, '$.a'],
    ['a function', { f: () => 1 }, '$.f'],
    ['a Map', { m: new Map() }, '$.m'],
    ['bytes', { b: new Uint8Array(2) }, '$.b'],
    ['undefined in a list', [undefined], '$[0]'],
    ['a hole in a list', Array(1), '$[0]'],
    ['a promise', { p: Promise.resolve() }, '$.p'],
  ])('refuses %s and says where', (_what, value, path) => {
    expect(jsonCopy(value, LIMIT)).toMatchObject({ ok: false, reason: 'not-json', path });
  });

  test('refuses a value that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(jsonCopy(loop, LIMIT)).toMatchObject({ ok: false, reason: 'not-json', problem: expect.stringContaining(`${MAX_JSON_DEPTH}`) });
  });

  test('refuses a toJSON that gives itself', () => {
    const loop = { toJSON: (): unknown => loop };
    expect(jsonCopy({ loop }, LIMIT)).toMatchObject({ ok: false, reason: 'not-json', path: '$.loop' });
  });

  test('refuses a getter that throws instead of throwing itself', () => {
    const value = {
      get bad() {
        throw new Error('no');
      },
    };
    expect(jsonCopy(value, LIMIT)).toMatchObject({ ok: false, problem: expect.stringContaining('no') });
  });
});
