import { describe, expect, test } from '@jest/globals';
import { type JsonValue, MainstayError } from '@mainstay/types';
import { compileExpression } from './expression.ts';

const input = {
  n: 7,
  half: 0.5,
  text: 'Straße 😀',
  list: [3, 1, 2],
  names: ['ann', 'bob'],
  map: { a: 1, 'b-c': { d: [true] } },
  nothing: null,
  mixed: [1, 'x', null, { y: 2 }],
};
const stages = {
  scan: {
    output: {
      files: [
        { name: 'a.ts', size: 10 },
        { name: 'b.md', size: 0 },
      ],
    },
    status: 'succeeded',
  },
  'a-b': { output: 1, status: 'skipped' },
};

function run(source: string): JsonValue {
  return compileExpression(source, { variables: ['output', 'input', 'stages'] }).evaluate({ input, stages, output: { ok: true } });
}

function errorOf(source: string, evaluate: (source: string) => unknown = run): MainstayError {
  try {
    evaluate(source);
  } catch (error) {
    if (error instanceof MainstayError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('an expression', () => {
  test.each<[string, JsonValue]>([
    ['1 + 2 * 3 - 4 / 2', 5],
    ['7 % 4', 3],
    ['input.n / 2', 3.5],
    ['input.n + 1', 8],
    ['input.n + 0.5', 7.5],
    ['-input.n', -7],
    ['input.n == 7 && input.n == 7.0', true],
    ['input.n > 6.5 && input.n >= 7 && input.n < 8 && input.n <= 7', true],
    ["'a' < 'b' && 'a' <= 'a' && 'b' > 'a' && false < true", true],
    ['\'a\' + "b"', 'ab'],
    ['[1] + [2, "x"]', [1, 2, 'x']],
    ['{"a": 1, "b": [null]}', { a: 1, b: [null] }],
    ['input.map["b-c"].d[0]', true],
    ['input.list[1]', 1],
    ['input == input', true],
    ['[1, {"a": 2}] == [1.0, {"a": 2}]', true],
    ['{"a": 1} == {"b": 1}', false],
    ['{"a": 1} != {"a": 1, "b": 2}', true],
    ["1 == '1' || null == false", false],
    ['null == input.nothing', true],
    ['2 in input.list', true],
    ["'a' in input.map && !('z' in input.map)", true],
    ["input.n > 5 ? 'many' : 'few'", 'many'],
    ['has(input.map.a) && !has(input.map.zz)', true],
    ['stages.scan.output.files.filter(f, f.size > 0).map(f, f.name)', ['a.ts']],
    ['stages["a-b"].status', 'skipped'],
    ['stages.scan', { output: stages.scan.output, status: 'succeeded' }],
    ['output.ok', true],
    ['input.list.map(x, x > 1, x * 10)', [30, 20]],
    ['input.list.all(x, x > 0)', true],
    ['input.list.exists(x, x > 5)', false],
    ['input.list.exists_one(x, x == 3)', true],
    ['input.map.map(k, k)', ['a', 'b-c']],
    ['input.list.map(x, input.names.map(y, y + string(x)))[0]', ['ann3', 'bob3']],
    ['cel.bind(x, input.n + 1, x * x)', 64],
    ['size(input.list) + size(input.map) + input.text.size()', 13],
    ["'abc'.startsWith('a') && 'abc'.endsWith('c') && 'abc'.contains('b')", true],
    ["'abcb'.indexOf('b') + 'abcb'.lastIndexOf('b')", 4],
    ["' aB '.trim().upperAscii() + 'ÄB'.lowerAscii()", 'ABÄb'],
    ["'hello'.substring(1, 3) + 'hello'.substring(4)", 'elo'],
    ["'a,b'.split(',')", ['a', 'b']],
    ["input.names.join('+') + ['x', 'y'].join()", 'ann+bobxy'],
    ["string(1.5) + string(true) + string('x')", '1.5truex'],
    ["int(3.9) + int('4') + double('0.5')", 7.5],
    ["bool('true') && bool(true) && !bool('false') && !bool(false)", true],
    ['dyn(1)', 1],
    ["input.text.matches('^Str.*e')", true],
    ["input.names.filter(n, n.matches('^' + 'a'))", ['ann']],
    ["r'\\d' + 'x\\n' + '''y'z'''", "\\dx\ny'z"],
  ])('%s', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  test('lets the side of || and && that decides outweigh a fault of the other', () => {
    expect(run('input.missing == 1 || true')).toBe(true);
    expect(run('input.missing == 1 && false')).toBe(false);
    expect(run('true || input.missing')).toBe(true);
    expect(errorOf('input.missing == 1 || false').code).toBe('EXPRESSION_FAILED');
    expect(errorOf('true && input.missing').code).toBe('EXPRESSION_FAILED');
    expect(run('input.mixed.exists(x, x.y == 2)')).toBe(true);
    expect(run('input.mixed.all(x, x > 1)')).toBe(false);
    expect(errorOf('input.mixed.exists(x, x.zz == 2)').message).toContain('number has no fields');
  });

  test('says which stages it reads and whether it is constant', () => {
    const expression = compileExpression('stages.a.output + stages["b"].output', { variables: ['stages'] });
    expect([[...expression.stages], expression.constant]).toEqual([['a', 'b'], false]);
    expect(compileExpression('1 + 1', { variables: [] }).constant).toBe(true);
  });

  test('leaves no trace of one evaluation in the next', () => {
    const expression = compileExpression('input.map(x, x.matches(input[0]))', { variables: ['input'] });
    expect(expression.evaluate({ input: ['a', 'b'], stages: {} })).toEqual([true, false]);
    expect(expression.evaluate({ input: ['b', 'b'], stages: {} })).toEqual([true, true]);
  });
});

describe('an expression is refused when it', () => {
  test.each([
    ['does not parse', '1 +', 'Unexpected token'],
    ['is empty', '', 'Unexpected token'],
    ['uses an unknown variable', 'foo == 1', '`foo` is unknown here; there are: output, input, stages'],
    ['means a stage with a dash', 'stages.a-b.output', 'stages["a-b"]'],
    ['uses an unknown function', 'foo(1)', 'there is no function foo(…)'],
    ['uses an unknown method', 'input.foo(1)', 'there is no function foo(…)'],
    ['calls what only prototypes have', "input.text.constructor('x')", 'there is no function constructor(…)'],
    ['calls toString', 'toString()', 'there is no function toString(…)'],
    ['gives the wrong number of arguments', 'size()', 'size(…) takes 1 arguments, not 0'],
    ['gives a macro the wrong arguments', 'input.list.map(x)', 'map(…) needs a variable and an expression'],
    ['gives a macro no variable', 'input.list.all(1, true)', 'invalid predicate iteration variable'],
    ['hides a variable', 'input.list.map(input, 1)', '`input` cannot be used'],
    ['binds too little', 'cel.bind(x, 1)', 'cel.bind(…) needs a variable, a value and an expression'],
    ['binds nothing', 'cel.bind(1, 2, 3)', 'invalid variable argument'],
    ['uses stages as a whole', 'stages == 1', '`stages` must be followed'],
    ['chooses a stage at run time', 'stages[input.x].output', '`stages` must be followed'],
    ['tests for more than a field', 'has(input)', 'has(…) needs one selection'],
    ['tests for two fields', 'has(input.a, input.b)', 'has'],
    ['contains a huge number', '99999999999999999999', '2^53 - 1'],
    ['contains an unsigned number', '1u', 'unsigned numbers'],
    ['contains bytes', "b'x'", 'bytes'],
    ['contains a pattern that is not linear', "input.text.matches('(a)\\\\1')", 'regular expression of RE2'],
    ['contains a pattern that is no string', 'input.text.matches(1)', 'the pattern must be a string'],
    ['contains a long pattern', `input.text.matches('${'a'.repeat(201)}')`, 'at most 200 characters'],
    ['gives matches no pattern', 'input.text.matches()', 'matches(…) needs one pattern'],
    ['uses a reserved word', '__proto__', 'Reserved'],
    ['uses optional selections', 'input.?x', 'Expected IDENTIFIER'],
  ])('%s', (_what, source, problem) => {
    const error = errorOf(source, (text) => compileExpression(text, { variables: ['output', 'input', 'stages'] }));
    expect([error.code, error.name]).toEqual(['EXPRESSION_INVALID', 'PipelineError']);
    expect(error.message).toContain(problem);
    expect(error.details['source']).toBe(source.length > 200 ? `${source.slice(0, 199)}…` : source);
  });

  test('names the place', () => {
    expect(errorOf('1 + foo').details).toEqual({ source: '1 + foo', position: 4, problem: expect.stringContaining('foo') as unknown });
    expect(errorOf('1 + foo').message).toContain('at character 5 of `1 + foo`');
  });

  test('shows a long source in part', () => {
    const error = errorOf(`foo + ${'1 + '.repeat(100)}1`);
    expect(error.details['source']).toHaveLength(200);
  });
});

describe('an evaluation fails when it', () => {
  test.each([
    ['reads a field that is not there', 'input.zz', 'there is no field "zz"'],
    ['reads a field of null', 'input.nothing.x', 'null has no fields'],
    ['reads an element of a map', 'input.map[0]', 'map has no elements'],
    ['reads past a list', 'input.list[3]', 'index 3 is outside a list of 3'],
    ['reads a broken index', 'input.list[0.5]', 'index 0.5'],
    ['reads a negative index', 'input.list[-1]', 'index -1'],
    ['reads a field of a list', 'input.list.length', 'list has no fields'],
    ['reads a prototype', 'input.constructor', 'there is no field "constructor"'],
    ['reads a prototype by index', "input['__proto__']", 'there is no field'],
    ['tests the field of a number', 'has(input.n.x)', 'number has no fields'],
    ['reads a stage that has no result', 'stages.zz.output', 'the stage zz has no result'],
    ['adds text and a number', "'a' + 1", 'turn it into text with string(…)'],
    ['adds what cannot be added', 'null + true', '`+` does not apply to null and bool'],
    ['multiplies text', "'a' * 2", '`*` does not apply to string and number'],
    ['divides text', "'a' / 2", '`/` does not apply'],
    ['divides by zero', '1 / 0', 'division by zero'],
    ['takes the rest of zero', '1 % 0', 'modulo by zero'],
    ['leaves the whole numbers', '9007199254740991 + 1', '2^53 - 1'],
    ['leaves the finite numbers', '1.5e300 * 1.5e300', 'not a finite number'],
    ['compares different types', "1 < 'a'", '`<` does not apply to number and string'],
    ['looks into a number', '1 in input.n', '`in` does not apply'],
    ['negates text', "-'a'", '`-` does not apply to string'],
    ['inverts a number', '!input.n', 'true or false is needed here, not number'],
    ['chooses by a number', 'input.n ? 1 : 2', 'true or false is needed here'],
    ['joins truth and a number', 'true && input.n', 'true or false is needed here'],
    ['maps a number', 'input.n.map(x, x)', 'map(…) does not apply to number'],
    ['filters by a number', 'input.list.filter(x, x)', 'true or false is needed here'],
    ['maps by a number', 'input.list.map(x, x, x)', 'true or false is needed here'],
    ['makes a map with other keys', '{1: 2}', 'keys of a map must be strings'],
    ['makes a map with a prototype', '{"__proto__": 2}', 'keys of a map must be strings'],
    ['measures a number', 'size(1)', 'size(…) does not apply to number'],
    ['turns a list into text', 'string([])', 'string(…) does not apply to list'],
    ['turns words into numbers', "double('one')", 'is not a number'],
    ['turns null into a number', 'int(null)', 'null is not a number'],
    ['turns words into truth', "bool('yes')", 'neither true nor false'],
    ['cuts outside the text', "'abc'.substring(2, 9)", 'substring(start, end)'],
    ['cuts by text', "'abc'.substring('a')", 'substring(start, end)'],
    ['joins numbers', '[1].join()', 'a string is needed here, not number'],
    ['joins a number', 'input.n.join()', 'join(…) does not apply to number'],
    ['matches a number', "input.n.matches('a')", 'a string is needed here'],
    ['uses a broken pattern', "'a'.matches('(' + '')", 'regular expression of RE2'],
    ['calls a text function on null', "input.nothing.contains('x')", 'a string is needed here, not null'],
  ])('%s', (_what, source, problem) => {
    const error = errorOf(source);
    expect(error.code).toBe('EXPRESSION_FAILED');
    expect(error.message).toContain(problem);
    expect(error.details['source']).toBe(source);
  });
});
