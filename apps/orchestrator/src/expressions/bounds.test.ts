import { describe, expect, test } from '@jest/globals';
import { type JsonValue, MainstayError } from '@mainstay/types';
import { compileExpression } from './expression.ts';

/** The code with which an expression ends; it must end, and within its counted steps. */
function codeOf(source: string, input: JsonValue = null): string {
  try {
    compileExpression(source, { variables: ['input'] }).evaluate({ input, stages: {} });
    return 'fine';
  } catch (error) {
    if (error instanceof MainstayError) return error.code;
    throw error;
  }
}

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);
/** `cel.bind(a1, …, cel.bind(a2, …, …))`: each variable made of the one before. */
function doubling(levels: number, first: string, step: (before: string) => string, last: (name: string) => string): string {
  let source = last(`a${String(levels)}`);
  for (let i = levels; i > 0; i--) source = `cel.bind(a${String(i)}, ${step(`a${String(i - 1)}`)}, ${source})`;
  return `cel.bind(a0, ${first}, ${source})`;
}

const TOO_COSTLY = 'EXPRESSION_TOO_COSTLY';

describe('expressions end early that', () => {
  test('are long, deep or have many parts', () => {
    expect(codeOf('1'.padEnd(2_001))).toBe(TOO_COSTLY);
    expect(codeOf('1'.padEnd(2_000))).toBe('fine');
    expect(codeOf(`${'('.repeat(65)}1${')'.repeat(65)}`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'['.repeat(65)}1${']'.repeat(65)}`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'!'.repeat(1_900)}true`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'-'.repeat(1_900)}1`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'1+'.repeat(600)}1`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'1+'.repeat(200)}1`)).toBe('fine');
    expect(codeOf(`input${'.a'.repeat(70)}`)).toBe(TOO_COSTLY);
    expect(codeOf(`${'true ? '.repeat(100)}1${' : 1'.repeat(100)}`)).toBe(TOO_COSTLY);
  });

  test('loop in loops', () => {
    const list = numbers(200);
    expect(codeOf('input.map(a, input.map(b, a * b))', list)).toBe('fine');
    expect(codeOf('input.map(a, input.map(b, input.map(c, a)))', list)).toBe(TOO_COSTLY);
    expect(codeOf('input.all(a, input.all(b, input.all(c, input.all(d, true))))', list)).toBe(TOO_COSTLY);
    expect(codeOf('input.exists(a, input.exists(b, input.exists(c, input.exists(d, false))))', list)).toBe(TOO_COSTLY);
    expect(codeOf('input.filter(a, input.exists_one(b, input.exists_one(c, c == a) && b == a))', list)).toBe(TOO_COSTLY);
    expect(codeOf('input.all(a, a >= 0)', numbers(100_000))).toBe('fine');
  });

  test('loop over what they build themselves', () => {
    expect(
      codeOf(
        doubling(
          20,
          '[1]',
          (name) => `${name} + ${name}`,
          (name) => `${name}.all(x, x == 1)`,
        ),
      ),
    ).toBe(TOO_COSTLY);
    expect(codeOf('input.map(a, input.map(b, b)).map(l, l.map(x, input.map(y, x)))', numbers(100))).toBe(TOO_COSTLY);
  });

  test('build texts or lists without bound', () => {
    expect(
      codeOf(
        doubling(
          20,
          '"x"',
          (name) => `${name} + ${name}`,
          (name) => name,
        ),
      ),
    ).toBe(TOO_COSTLY);
    expect(
      codeOf(
        doubling(
          19,
          '"x"',
          (name) => `${name} + ${name}`,
          (name) => name,
        ),
      ),
    ).toBe('fine');
    expect(
      codeOf(
        doubling(
          40,
          '[1]',
          (name) => `${name} + ${name}`,
          (name) => `size(${name})`,
        ),
      ),
    ).toBe(TOO_COSTLY);
    expect(
      codeOf(
        'input.map(x, input[0] + input[0]).join()',
        Array.from({ length: 100 }, () => 'x'.repeat(10_000)),
      ),
    ).toBe(TOO_COSTLY);
    expect(codeOf("input.split('')", 'x'.repeat(100_001))).toBe(TOO_COSTLY);
    expect(codeOf('input + input', numbers(60_000))).toBe(TOO_COSTLY);
    expect(codeOf('input.filter(x, true)', numbers(100_001))).toBe(TOO_COSTLY);
  });

  test('build values whose shared parts explode when written', () => {
    expect(
      codeOf(
        doubling(
          30,
          '[1]',
          (name) => `[${name}, ${name}]`,
          (name) => name,
        ),
      ),
    ).toBe(TOO_COSTLY);
    expect(
      codeOf(
        doubling(
          30,
          '{"a": 1}',
          (name) => `{"a": ${name}, "b": ${name}}`,
          (name) => name,
        ),
      ),
    ).toBe(TOO_COSTLY);
    expect(
      codeOf(
        doubling(
          30,
          '[1]',
          (name) => `[${name}, ${name}]`,
          (name) => `size(${name})`,
        ),
      ),
    ).toBe('fine');
  });

  test('compare values whose shared parts explode', () => {
    const pair = (name: string): string => `[${name}, ${name}]`;
    expect(codeOf(`${doubling(25, '[1]', pair, (name) => name)} == ${doubling(25, '[1]', pair, (name) => name)}`)).toBe(TOO_COSTLY);
  });

  test('compare or search large values again and again', () => {
    const text = 'x'.repeat(1_000_000);
    expect(codeOf('input.b.all(i, input.a == input.c)', { a: text, b: numbers(100), c: `${text.slice(1)}x` })).toBe(TOO_COSTLY);
    expect(codeOf('input.b.all(i, !input.a.contains("y"))', { a: text, b: numbers(100) })).toBe(TOO_COSTLY);
    expect(codeOf('input.b.all(i, input.a.size() > i)', { a: text, b: numbers(100) })).toBe(TOO_COSTLY);
    expect(codeOf('input.b.all(i, input.a.trim() != "")', { a: text, b: numbers(100) })).toBe(TOO_COSTLY);
    expect(codeOf('input.b.all(i, input.a < input.c)', { a: text, b: numbers(100), c: `${text}x` })).toBe(TOO_COSTLY);
    expect(codeOf('input.all(i, !(-1 in input))', numbers(2_000))).toBe(TOO_COSTLY);
    expect(
      codeOf('input.b.all(i, size(input.m) > 0)', {
        m: Object.fromEntries(numbers(5_000).map((i) => [`k${String(i)}`, i])),
        b: numbers(1_000),
      }),
    ).toBe(TOO_COSTLY);
  });

  test('match texts against patterns again and again', () => {
    const text = 'a'.repeat(100_000);
    expect(codeOf("input.b.all(i, !input.a.matches('(a*)*b'))", { a: text, b: numbers(1_000) })).toBe(TOO_COSTLY);
    expect(codeOf("input.all(i, !'x'.matches(string(i)))", numbers(1_000))).toBe(TOO_COSTLY);
    expect(codeOf("input.matches('x' + input)", 'a'.repeat(200))).toBe(TOO_COSTLY);
    expect(codeOf("input.matches('(a{1000}){1000}')", text)).toBe('EXPRESSION_INVALID');
  });

  test('would make a backtracking engine hang', () => {
    expect(codeOf("input.matches('^(a+)+$')", `${'a'.repeat(50_000)}!`)).toBe('fine');
  });

  test('swallow faults again and again', () => {
    expect(codeOf('input.all(x, x.y == 1 || true)', numbers(50_000))).toBe(TOO_COSTLY);
    expect(codeOf('input.all(x, input.all(y, input.all(z, z < 0 && false || true)))', numbers(500))).toBe(TOO_COSTLY);
  });

  test('excessive cost cannot be swallowed', () => {
    expect(codeOf('input.all(a, input.all(b, input.all(c, true))) || true', numbers(300))).toBe(TOO_COSTLY);
  });

  test('compare values nested deeper than the stack', () => {
    let a: JsonValue = 1;
    let b: JsonValue = 1;
    for (let i = 0; i < 50_000; i++) [a, b] = [[a], [b]];
    expect(codeOf('input.a == input.b', { a, b })).toBe(TOO_COSTLY);
    expect(codeOf('[input.a]', { a })).toBe(TOO_COSTLY);
  });
});
