import { describe, expect, test } from '@jest/globals';
import { type JsonValue, MainstayError } from '@mainstay/types';
import { scanTemplate } from './scan-template.ts';
import { compileTemplate, type TemplateFault } from './template.ts';

const input = { n: 1, s: 'text', list: [1, 'x'], map: { k: null } };

function fill(template: JsonValue, value: JsonValue = input): JsonValue {
  return compileTemplate(template, { variables: ['input', 'stages'] }).fill({
    input: value,
    stages: { a: { output: 5, status: 'succeeded' } },
  });
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'fine';
  } catch (error) {
    if (error instanceof MainstayError) return error.code;
    throw error;
  }
}

describe('a template', () => {
  test.each<[JsonValue, JsonValue]>([
    ['${input.n}', 1],
    ['${input.list}', [1, 'x']],
    ['${input.map.k}', null],
    ['n = ${input.n}', 'n = 1'],
    ['${input.n}${input.n}', '11'],
    [' ${input.n}', ' 1'],
    ['${input.s}, ${input.list}, ${input.map}', 'text, [1,"x"], {"k":null}'],
    ['$${input.n}', '${input.n}'],
    ['a $${b} ${input.n} $$ ${"$"}', 'a ${b} 1 $$ $'],
    ['costs $5 {not} $', 'costs $5 {not} $'],
    ['', ''],
    ['${ {"a": {"b": 1}}.a.b }', 1],
    ['${"}"}', '}'],
    ["${'{' + \"}'\" + '\\'}'}", "{}''}"],
    ['${\'\'\'a\'}\'\'\' + """b"}"""}', 'a\'}b"}'],
    ['x${"${"}y', 'x${y'],
    [
      { a: ['${stages.a.output}', { b: '${input.n + 1}' }], c: true, d: null, e: 1 },
      { a: [5, { b: 2 }], c: true, d: null, e: 1 },
    ],
    [{ '${input.n}': 1 }, { '${input.n}': 1 }],
  ])('%j', (template, expected) => {
    expect(fill(template)).toEqual(expected);
  });

  test('without expressions is made once', () => {
    const template = compileTemplate({ a: [1, { b: '$${x}' }] }, { variables: [] });
    const scope = { input, stages: {} };
    expect(template.fill(scope)).toEqual({ a: [1, { b: '${x}' }] });
    expect(template.fill(scope)).toBe(template.fill(scope));
  });

  test('without expressions but with a fault fails', () => {
    const { fill: broken } = compileTemplate(['${'], { variables: [], onFault: () => undefined });
    expect(codeOf(() => broken({ input, stages: {} }))).toBe('EXPRESSION_INVALID');
  });

  test('with only escapes is still unescaped', () => {
    expect(fill({ a: ['$${x}'] })).toEqual({ a: ['${x}'] });
  });

  test('keeps keys that would be prototypes as they are', () => {
    const template = JSON.parse('{"__proto__":{"x":"${input.n}"}}') as JsonValue;
    const filled = fill(template);
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"x":1}}');
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });

  test('says which stages it reads', () => {
    expect([...compileTemplate(['${stages.a.output}', 'x ${stages.b.status}'], { variables: ['stages'] }).stages]).toEqual(['a', 'b']);
  });

  test.each(['${', 'a ${input.n', '${"x}', "${'''x'}", '${}', '${1 +}', '${foo}', '${{}'])('%s is refused', (template) => {
    expect(codeOf(() => fill(template))).toBe('EXPRESSION_INVALID');
  });

  test('collects all faults with their places when asked to', () => {
    const faults: TemplateFault[] = [];
    const { fill: broken } = compileTemplate(
      { 'a/b': ['${', 'fine ${input.n}', '${foo}'] },
      { variables: ['input'], onFault: (fault) => faults.push(fault) },
    );
    expect(faults.map((fault) => fault.path)).toEqual(['/a~1b/0', '/a~1b/2']);
    expect(codeOf(() => broken({ input, stages: {} }))).toBe('EXPRESSION_INVALID');
  });

  test('is bounded in depth and in the number of expressions', () => {
    const nested = (depth: number): JsonValue => JSON.parse(`${'['.repeat(depth)}"\${input.n}"${']'.repeat(depth)}`) as JsonValue;
    expect(codeOf(() => fill(nested(32)))).toBe('fine');
    expect(codeOf(() => fill(nested(33)))).toBe('EXPRESSION_TOO_COSTLY');
    expect(codeOf(() => fill('${input.n}'.repeat(200)))).toBe('fine');
    expect(codeOf(() => fill('${input.n}'.repeat(201)))).toBe('EXPRESSION_TOO_COSTLY');
  });

  test('is bounded in what it builds', () => {
    const long = 'x'.repeat(600_000);
    expect(codeOf(() => fill('${input}${input}', long))).toBe('EXPRESSION_TOO_COSTLY');
    expect(codeOf(() => fill('a ${input}', [long, long]))).toBe('EXPRESSION_TOO_COSTLY');
    expect(
      codeOf(() =>
        fill(
          Array.from({ length: 20 }, () => '${input}'),
          long,
        ),
      ),
    ).toBe('EXPRESSION_TOO_COSTLY');
    expect(
      codeOf(() =>
        fill(
          Array.from({ length: 10 }, () => '${input}'),
          long,
        ),
      ),
    ).toBe('fine');
  });

  test('fails with the expression that failed', () => {
    expect(() => fill({ a: 'x ${input.zz}' })).toThrow('there is no field "zz" at character 7 of `input.zz`');
  });
});

test('a scan gives text and expressions in order', () => {
  expect(scanTemplate('a${b}c$${d}${e}')).toEqual([{ text: 'a' }, { expression: 'b' }, { text: 'c${d}' }, { expression: 'e' }]);
});
