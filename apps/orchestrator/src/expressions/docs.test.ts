import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type JsonValue, MainstayError } from '@mainstay/types';
import type { Scope } from '../pipeline/model.ts';
import { compileExpression } from './expression.ts';
import * as limits from './limits.ts';
import { compileTemplate } from './template.ts';

const page = readFileSync(new URL('../../../../docs/EXPRESSIONS.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

function examples(language: string, separator: string): readonly [string, string][] {
  const lines = blocks(language).flatMap((block) => block.trim().split('\n'));
  return lines.flatMap((line) => {
    const [source = '', expected] = line.split(separator);
    return expected === undefined ? [] : [[source, expected]];
  });
}

const scope = JSON.parse(blocks('json')[0] ?? '') as Scope;
const evaluate = (source: string): JsonValue => compileExpression(source, { variables: ['input', 'stages', 'output'] }).evaluate(scope);
const values = examples('cel', ' // → ');
const errors = examples('cel', ' // ✗ ');
const templates = examples('template', ' → ');

describe('docs/EXPRESSIONS.md', () => {
  test.each(values)('%s gives %s', (source, expected) => {
    expect(evaluate(source)).toEqual(JSON.parse(expected));
  });

  test.each(errors)('%s fails with %s', (source, code) => {
    let thrown: unknown;
    try {
      evaluate(source);
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof MainstayError && thrown.code).toBe(code);
  });

  test.each(templates)('%s becomes %s', (source, expected) => {
    const template = compileTemplate(JSON.parse(source) as JsonValue, { variables: ['input', 'stages'] });
    expect(template.fill(scope)).toEqual(JSON.parse(expected));
  });

  test('has examples of every kind, each understood', () => {
    const lines = [...blocks('cel'), ...blocks('template')].flatMap((block) => block.trim().split('\n'));
    expect(values.length + errors.length + templates.length).toBe(lines.length);
    expect(Math.min(values.length, errors.length, templates.length)).toBeGreaterThan(3);
  });

  test('names the bounds as they are', () => {
    for (const bound of Object.values(limits)) expect(page).toContain(bound.toLocaleString('en'));
  });
});
