import { describe, expect, test } from '@jest/globals';
import type { Scope } from '../pipeline/model.ts';
import { compileExpression } from './expression.ts';

const scope: Scope = {
  input: { a: { b: [1, 2] }, none: null, status: 'mine' },
  stages: { x: { output: { n: 7 }, status: 'succeeded' }, 'a-b': { output: null, status: 'skipped' } },
};
const evaluate = (source: string): unknown => compileExpression(source, { variables: ['input', 'stages'] }).evaluate(scope);

describe('expressions that only select', () => {
  test.each([
    ['input', scope.input],
    ['input.a.b', [1, 2]],
    ['input["a"].b', [1, 2]],
    ['input.none', null],
    ['input.a.b[1]', 2],
    ['stages.x.output', { n: 7 }],
    ['stages.x.output.n', 7],
    ['stages["x"]["output"]["n"]', 7],
    ['stages["a-b"].output', null],
    ['stages["a-b"].status', 'skipped'],
    ['stages.x', { output: { n: 7 }, status: 'succeeded' }],
    ['stages.x[input.none == null ? "output" : "status"].n', 7],
  ])('%s gives the value itself', (source, value) => {
    expect(evaluate(source)).toEqual(value);
  });

  test.each([
    ['input.missing', 'there is no field "missing"'],
    ['input.a.b.c', 'list has no fields'],
    ['input.toString', 'there is no field "toString"'],
    ['input.status.length', 'string has no fields'],
    ['input.missing.more', 'there is no field "missing"'],
    ['stages.nope.output', 'the stage nope has no result'],
    ['stages.toString.output', 'the stage toString has no result'],
    ['stages.x.result', 'there is no field "result"'],
    ['stages.x.output.m', 'there is no field "m"'],
    ['stages["a-b"].output.n', 'null has no fields'],
  ])('%s says what is wrong', (source, problem) => {
    expect(() => evaluate(source)).toThrow(problem);
  });
});
