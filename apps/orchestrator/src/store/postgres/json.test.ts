import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeJson, decodeParsed, decodeText, encodeJson, encodeText } from './json.ts';

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('\0', '\ud800', '\udc00', '\uf8ff', '\\', '"', 'u', '0000', 'f8ff', 'd800', '__proto__', '005f'), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    odd,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.array(tie('value')),
    fc.dictionary(odd, tie('value')),
  ),
})).value;

describe('JSON for jsonb', () => {
  test('comes back as it was, whatever its strings and keys hold', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(decodeJson(encodeJson(value)))).toBe(text);
        expect(JSON.stringify(decodeParsed(JSON.parse(encodeJson(value))))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never has what jsonb or Prisma refuse', () => {
    fc.assert(
      fc.property(json, (value) => {
        const strings: string[] = [];
        JSON.parse(encodeJson(value), (key, inner: unknown) => {
          strings.push(key, ...(typeof inner === 'string' ? [inner] : []));
          return inner;
        });
        expect(strings.filter((text) => text.includes('\0') || !text.isWellFormed() || text === '__proto__')).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is left alone where nothing is awkward', () => {
    const value = { path: 'C:\\users\\u0000', quote: '"', emoji: '😀', tab: '\t', control: '\u0001' };
    expect(encodeJson(value)).toBe(JSON.stringify(value));
  });
});

describe('text for text columns', () => {
  test('comes back as it was and never has what they refuse', () => {
    fc.assert(
      fc.property(odd, (text) => {
        const encoded = encodeText(text);
        expect(encoded.isWellFormed() && !encoded.includes('\0')).toBe(true);
        expect(decodeText(encoded)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
