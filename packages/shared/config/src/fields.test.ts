import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';
import { bool, bytes, choice, decimal, durationMs, integer, list, patterns, port, secret, text, url } from './fields.ts';

const read = (type: z.ZodType, given: string): unknown => type.parse(given);
const problem = (type: z.ZodType, given: string) => type.safeParse(given).error?.issues.map(({ message }) => message);

describe('port', () => {
  test.each([
    ['0', 0],
    [' 3000 ', 3_000],
    ['65535', 65_535],
  ])('reads %j', (given, value) => {
    expect(read(port(), given)).toBe(value);
  });

  test.each(['65536', '-1', '80.5', '0x50', '1e3', 'http', '１２'])('refuses %j', (given) => {
    expect(problem(port(), given)).toEqual(['must be a whole number, from 0 to 65535']);
  });
});

describe('integer', () => {
  test('reads back every whole number within its bounds', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (n) => read(integer(), String(n)) === n));
  });
});

describe('durationMs', () => {
  test.each([
    ['1500', 1_500],
    ['1500ms', 1_500],
    ['30s', 30_000],
    ['5 M', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('reads %j', (given, value) => {
    expect(read(durationMs(), given)).toBe(value);
  });

  test.each(['', 's', '1.5s', '5w', '-5s', '400d', '5 constructor'])('refuses %j', (given) => {
    expect(problem(durationMs(), given)).toEqual([expect.stringContaining('must be a duration such as')]);
  });

  test('keeps its bounds', () => {
    expect(problem(durationMs({ min: 50, max: 100 }), '49')).toEqual([expect.stringContaining('from 50 to 100')]);
  });
});

describe('bytes', () => {
  test.each([
    ['1024', 1_024],
    ['7b', 7],
    ['64kb', 65_536],
    ['1 MB', 1_048_576],
    ['2gb', 2_147_483_648],
  ])('reads %j', (given, value) => {
    expect(read(bytes(), given)).toBe(value);
  });

  test.each(['0', '64kib', '1tb', 'kb', '99999gb'])('refuses %j', (given) => {
    expect(problem(bytes(), given)).toEqual([expect.stringContaining('must be a size such as')]);
  });
});

describe('bool', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['Yes', true],
    ['on', true],
    ['FALSE', false],
    ['0', false],
    ['no', false],
    ['off', false],
  ])('reads %j', (given, value) => {
    expect(read(bool(), given)).toBe(value);
  });

  test('refuses anything else', () => {
    expect(problem(bool(), 'perhaps')).toEqual(['must be true or false']);
  });
});

describe('secret', () => {
  test('wraps the text and keeps its least length', () => {
    expect(read(secret(), 'abc')).toHaveProperty('reveal');
    expect(secret({ minLength: 3 }).parse('abc').reveal()).toBe('abc');
    expect(problem(secret({ minLength: 4 }), 'abc')).toEqual(['must have at least 4 characters']);
  });
});

describe('url', () => {
  const type = url({ protocols: ['redis', 'rediss'] });

  test.each(['redis://localhost', 'rediss://user:password@host:6380/2'])('accepts %j', (given) => {
    expect(read(type, given)).toBe(given);
  });

  test.each(['http://host', 'localhost:6379', 'redis:', 'redis://', 'nothing at all'])('refuses %j', (given) => {
    expect(problem(type, given)).toEqual(['must be a URL redis://… or rediss://…']);
  });
});

describe('decimal', () => {
  test('takes whole numbers and fractions within its bounds', () => {
    expect(['0', '30', '0.5', ' 7.25 '].map((given) => read(decimal(), given))).toEqual([0, 30, 0.5, 7.25]);
  });

  test.each(['', '-1', '1e3', '.5', '5.', '101', 'NaN', '1,5'])('refuses %j', (given) => {
    expect(problem(decimal({ max: 100 }), given)).toEqual(['must be a number, from 0 to 100']);
  });
});

describe('list', () => {
  test('splits at commas and drops what is empty', () => {
    expect(read(list(), ' a, b ,,c')).toEqual(['a', 'b', 'c']);
    expect(read(list(), '')).toEqual([]);
  });
});

describe('choice and text', () => {
  test('choice takes its words only', () => {
    expect(read(choice(['a', 'b']), 'b')).toBe('b');
    expect(problem(choice(['a', 'b']), 'c')).toEqual(['must be one of a, b']);
  });

  test('text takes what its pattern allows', () => {
    expect(read(text(), 'anything')).toBe('anything');
    expect(problem(text({ pattern: /^[a-z]+$/, expected: 'small letters' }), 'A')).toEqual(['must be small letters']);
    expect(problem(text(), ' ')).toEqual(['must be text']);
  });
});

describe('patterns', () => {
  test('reads regular expressions separated by blanks', () => {
    const read = patterns().parse(' acme-[0-9]{4}  tok_\\w+ ');
    expect(read.map(String)).toEqual(['/acme-[0-9]{4}/', '/tok_\\w+/']);
    expect(patterns().parse('')).toEqual([]);
  });

  test('refuses what is none, and what would hide everything, without showing it', () => {
    expect(problem(patterns(), 'a ([')).toEqual(['must be regular expressions separated by blanks; number 2 is none']);
    expect(problem(patterns(), 'a*')).toEqual(['must be regular expressions that do not match the empty text; number 1 does']);
  });
});
