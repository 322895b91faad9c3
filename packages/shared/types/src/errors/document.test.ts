import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type ErrorCategory, errorCatalogue } from './catalogue.ts';
import * as classes from './classes.ts';
import { classifyError } from './classification/classify.ts';
import { recoveryOf } from './recovery.ts';
import { reviveError } from './serialize.ts';

const document = readFileSync(new URL('../../../../../docs/ERROR-HANDLING.md', import.meta.url), 'utf8');

/** The rows of the table under a heading, as cells without their back-ticks. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = document.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const categories = [...new Set(Object.values(errorCatalogue).map(({ category }) => category))];
const listOf = (cell = '') => cell.split(', ');

describe('docs/ERROR-HANDLING.md', () => {
  test('lists exactly the classes, each with its categories', () => {
    const documented = rowsUnder('Classes').map(([name, held]) => [name, listOf(held).sort()]);
    const real = Object.keys(classes).map((name) => [name, categories.filter((category) => classOf(category) === name).sort()]);
    expect(new Map(documented as [string, string[]][])).toEqual(new Map(real as [string, string[]][]));
  });

  test('says which recovery helps in which category', () => {
    const documented = rowsUnder('Recovery').flatMap(([recovery, retryable, terminal]) => [
      ...listOf(retryable).map((category) => `${category} retryable ${recovery}`),
      ...listOf(terminal).map((category) => `${category} terminal ${recovery}`),
    ]);
    const real = categories.flatMap((category) =>
      (['retryable', 'terminal'] as const).map((disposition) => `${category} ${disposition} ${recoveryOf({ category, disposition })}`),
    );
    expect(documented.filter((line) => !line.startsWith(' ') && !line.startsWith('–')).sort()).toEqual(real.sort());
    expect(recoveryOf({ category: 'internal', disposition: 'cancelled' })).toBe('none');
  });

  const examples = rowsUnder('Errors of others').map(([source, shape, code, disposition]) => ({ source, shape, code, disposition }));

  test.each(examples)('$source: $shape is $code', ({ shape, code, disposition }) => {
    const error = JSON.parse(shape ?? '') as unknown;
    expect(classifyError(error)).toMatchObject({ code, disposition });
  });

  test('has an example of every source', () => {
    expect(new Set(examples.map(({ source }) => source))).toEqual(
      new Set(['Node', 'Postgres', 'Prisma', 'Redis', 'HTTP', 'zod', 'opossum', 'jsonwebtoken', 'signals']),
    );
  });
});

function classOf(category: ErrorCategory): string {
  const entry = Object.entries(errorCatalogue).find(([, facts]) => facts.category === category);
  return reviveError({ code: entry?.[0] ?? '', name: '', message: '', disposition: 'terminal' }).name;
}
