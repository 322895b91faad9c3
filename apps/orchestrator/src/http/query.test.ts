import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parsed } from './parsed.ts';
import { readQuery } from './query.ts';
import { booleanText, integerText } from './schemas/common.ts';

describe('readQuery', () => {
  test('decodes names and values', () => {
    expect(readQuery('/x?a=1&b=c%20d&e=')).toEqual({ a: '1', b: 'c d', e: '' });
    expect(readQuery('/x')).toEqual({});
  });

  test('refuses a parameter that occurs twice', () => {
    expect(() => readQuery('/x?a=1&a=2')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  test('keeps __proto__ a plain name', () => {
    expect(Object.keys(readQuery('/x?__proto__=1'))).toEqual(['__proto__']);
  });
});

describe('parsed', () => {
  test('refuses any parameter where the route has none, naming it', () => {
    expect(() => parsed(undefined, { verbose: '1' }, 'query')).toThrow(/"verbose"/);
  });

  test('refuses a parameter that the route does not know, naming it', () => {
    expect(() => parsed(z.strictObject({ limit: integerText(1, 5).optional() }), { limt: '1' }, 'query')).toThrow(/limt/);
  });

  test('asks for a body where none came', () => {
    expect(() => parsed(z.object({ a: z.string() }), undefined, 'body')).toThrow(/needs a JSON body/);
  });

  test.each(['', '1.5', '0x10', '1e3', ' 1', '6', '0', '99999999999999999999', 'NaN'])(
    'does not take %j for an integer from 1 to 5',
    (text) => {
      expect(integerText(1, 5).safeParse(text).success).toBe(false);
    },
  );

  test('takes true and false for booleans, and nothing else', () => {
    expect(booleanText.parse('true')).toBe(true);
    expect(booleanText.parse('false')).toBe(false);
    expect(booleanText.safeParse('1').success).toBe(false);
  });
});
