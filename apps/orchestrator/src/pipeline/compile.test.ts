import { describe, expect, test } from '@jest/globals';
import { compilePipeline } from './compile.ts';
import { invalidDefinition } from './definition-issue.ts';
import type { Scope } from './model.ts';
import { parseDefinition } from './parse-definition.ts';

const scope = (stages: Scope['stages'], output?: Scope['output']): Scope => ({
  input: { n: 1 },
  stages,
  ...(output === undefined ? {} : { output }),
});
const done = (output: number): { output: number; status: string } => ({ output, status: 'succeeded' });

describe('a compiled pipeline', () => {
  const pipeline = compilePipeline(
    parseDefinition({
      name: 'p',
      stages: [
        {
          id: 'c',
          agent: 'x',
          needs: ['b', 'a'],
          when: 'stages.a.output > 0',
          gate: 'output > stages.b.output',
          input: '${stages.b.output + 1}',
        },
        { id: 'b', agent: 'x', needs: ['a'] },
        { id: 'a', agent: 'x' },
        { id: 'z', agent: 'x' },
      ],
    }),
    7,
  );

  test('has its stages in an order in which each comes after its needs', () => {
    expect(pipeline.order.map((stage) => stage.id)).toEqual(['a', 'z', 'b', 'c']);
    expect(pipeline.version).toBe(7);
  });

  test('knows what depends on a stage and what its expressions read', () => {
    expect(pipeline.stage('a').dependents).toEqual(['c', 'b']);
    expect(pipeline.stage('c').references).toEqual(['b', 'a']);
    expect(pipeline.outputReferences).toEqual(['c', 'z']);
  });

  test('maps inputs, conditions and gates', () => {
    const stage = pipeline.stage('c');
    expect(stage.mapInput(scope({ a: done(1), b: done(2) }))).toBe(3);
    expect([1, 0].map((n) => stage.holds(scope({ a: done(n), b: done(2) })))).toEqual([true, false]);
    expect([3, 2].map((n) => stage.passes(scope({ b: done(2) }, n)))).toEqual([true, false]);
    const plain = pipeline.stage('a');
    expect([plain.mapInput(scope({})), plain.holds(scope({})), plain.passes(scope({}, 1))]).toEqual([{ n: 1 }, true, true]);
  });

  test('gives the outputs of the last stages, null for those without', () => {
    expect(pipeline.output(scope({ c: done(5) }))).toEqual({ c: 5, z: null });
  });

  test('has no stage of another name', () => {
    expect(() => pipeline.stage('nope')).toThrow('The pipeline p has no stage nope');
  });

  test('refuses conditions that are neither true nor false', () => {
    const other = compilePipeline(parseDefinition({ name: 'p', stages: [{ id: 'a', agent: 'x', when: 'input.n' }] }), 1);
    expect(() => other.stage('a').holds(scope({}))).toThrow('a condition must give true or false, not 1');
  });
});

test('compiling what would not be accepted fails with the same error', () => {
  const definition = parseDefinition({ name: 'p', stages: [{ id: 'a', agent: 'x' }] });
  const broken = { ...definition, stages: definition.stages.map((stage) => ({ ...stage, when: '(', gate: ')' })) };
  expect(() => compilePipeline(broken, 1)).toThrow('The pipeline definition is invalid: /stages/0/when');
});

test('an error about nothing in particular is still an error', () => {
  expect(invalidDefinition([]).message).toBe('The pipeline definition is invalid');
  expect(invalidDefinition([{ path: '', code: 'TOO_LARGE', problem: 'much' }]).message).toBe('The pipeline definition is invalid: much');
});
