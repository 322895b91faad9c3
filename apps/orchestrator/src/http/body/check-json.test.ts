import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MainstayError } from '@mainstay/types';
import { checkJson, MAX_JSON_DEPTH } from './check-json.ts';

function fault(text: string): MainstayError {
  try {
    checkJson(text);
  } catch (error) {
    if (error instanceof MainstayError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function passes(text: string): boolean {
  try {
    checkJson(text);
    return true;
  } catch {
    return false;
  }
}

describe('checkJson', () => {
  test('accepts every text that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'small' }), (text) => {
        if (!/__proto__|\\u/.test(text)) checkJson(text);
      }),
    );
  });

  test('accepts nothing that JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{ } [ ] , : " \\ u 0 1 9 e E + - . \n t r f a l s n /'.split(' '), ' ') }),
        (text) => {
          if (passes(text)) expect(parses(text)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['{"a":1,}', 1, 8],
    ['{"a":1\n "b":2}', 2, 2],
    ['[1,2', 1, 5],
    ['', 1, 1],
    ['{a:1}', 1, 2],
    ["{'a':1}", 1, 2],
    ['01', 1, 2],
    ['nul', 1, 1],
    ['"a\nb"', 1, 3],
    ['"\\x"', 1, 2],
    ['"open', 1, 6],
    ['{} {}', 1, 4],
    ['{"a" 1}', 1, 6],
    ['NaN', 1, 1],
    ['[1]//c', 1, 4],
  ])('says where %j is malformed', (text, line, column) => {
    const error = fault(text);
    expect(error.code).toBe('MALFORMED_JSON');
    expect(error.details).toMatchObject({ line, column });
    expect(error.message).toContain(`line ${String(line)}, column ${String(column)}`);
  });

  test('accepts the allowed depth and refuses one level more', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    checkJson(nested(MAX_JSON_DEPTH));
    expect(fault(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('refuses half a megabyte of open brackets without exhausting the stack', () => {
    expect(fault('['.repeat(500_000)).code).toBe('VALIDATION_FAILED');
    expect(fault('{"a":'.repeat(100_000)).code).toBe('VALIDATION_FAILED');
  });

  test.each(['{"__proto__":{}}', '{"a":[{"__proto__":1}]}', '{"\\u005f_proto__":1}'])('refuses the key __proto__ in %s', (text) => {
    const error = fault(text);
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.message).toContain('not allowed');
  });

  test('allows constructor as data', () => {
    checkJson('{"constructor":{"prototype":1}}');
  });

  test.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"c":2,"b":3}}]'])('refuses repeated keys in %s', (text) => {
    expect(fault(text).message).toContain('twice');
  });

  test('allows the same key in different objects', () => {
    checkJson('{"a":{"a":1},"b":[{"a":1},{"a":2}]}');
  });

  test.each([
    ['"\\u0000"', 'U+0000'],
    ['"\\ud800"', 'surrogate'],
    ['1e999', 'too large'],
  ])('refuses %s, which no database takes as it is', (text, why) => {
    const error = fault(text);
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.message).toContain(why);
  });

  test('allows whole surrogate pairs as escapes', () => {
    checkJson('"\\ud83d\\ude00"');
  });
});
