import { describe, expect, test } from '@jest/globals';
import type { AgentOffer } from '@mainstay/types';
import { AgentSchemas } from './agent-schemas.ts';

const offer = (over: Partial<AgentOffer>): AgentOffer => ({ kind: 'x', input: {}, output: {}, ...over });
const number = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

describe('AgentSchemas', () => {
  test('tells the problems of inputs and outputs with their place, and none for kinds that nobody offers', () => {
    const offers = new Map([['x', offer({ input: number, output: { type: 'string' } })]]);
    const schemas = new AgentSchemas(() => offers, fail);
    expect(schemas.inputProblems('x', { n: 1 })).toEqual([]);
    expect(schemas.inputProblems('x', { n: 'one' })).toEqual([expect.stringMatching(/^\/n: /)]);
    expect(schemas.outputProblems('x', 1)).toEqual([expect.stringMatching(/^\/: /)]);
    expect(schemas.inputProblems('y', 1)).toEqual([]);
  });

  test('goes by the present offers', () => {
    let offers = new Map([['x', offer({ input: number })]]);
    const schemas = new AgentSchemas(() => offers, fail);
    expect(schemas.inputProblems('x', 1)).toHaveLength(1);
    offers = new Map([['x', offer({})]]);
    expect(schemas.inputProblems('x', 1)).toEqual([]);
    offers = new Map();
    expect(schemas.inputProblems('x', 1)).toEqual([]);
  });

  test('a schema that cannot be used here checks nothing, and that is told once', () => {
    const told: string[] = [];
    const offers = new Map([['x', offer({ input: { $ref: 'https://elsewhere.example/schema' } })]]);
    const schemas = new AgentSchemas(
      () => offers,
      (kind) => told.push(kind),
    );
    expect([schemas.inputProblems('x', 1), schemas.inputProblems('x', 2), told]).toEqual([[], [], ['x']]);
  });
});

function fail(): never {
  throw new Error('unusable');
}
