import { describe, expect, test } from '@jest/globals';
import { completed, importedPackages } from './imports.ts';

describe('importedPackages', () => {
  test('finds every kind of import by the name of its package', () => {
    const [load, of] = ['import', 'from'];
    const lines = [`${load} a ${of} 'a'`, `${load} './own.js'`, `export * ${of} "@x/y/z"`, `await ${load}('c/d')`];
    const text = [...lines, `${load} { once } ${of} 'node:events'`, `type E = ${load}('e').E`, "say('from' in it ? 1 : 2)"].join(';');
    expect([...importedPackages(text)].toSorted()).toEqual(['@x/y', 'a', 'c', 'e', 'node']);
  });
});

describe('completed', () => {
  const workspace = { '@types/pg': '8.0.0', '@types/node': '24.0.0' };

  test('adds packages of types, and runners as optional', () => {
    const needs = {
      dependencies: { pg: '8.1.0' },
      code: new Set(['pg', '@jest/globals']),
      types: new Set(['pg', 'node', 'zod']),
      workspace,
    };
    expect(completed(needs)).toEqual({ types: workspace, runners: { '@jest/globals': '*' } });
  });

  test('refuses what is imported and not declared', () => {
    expect(() => completed({ dependencies: {}, code: new Set(['left-pad']), types: new Set(), workspace })).toThrow('left-pad');
  });
});
