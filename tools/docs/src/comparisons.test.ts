import { describe, expect, test } from '@jest/globals';
import { textOf } from './repository.ts';

interface Comparison {
  readonly file: string;
  /** Beside that of the features. */
  readonly columns: number;
  /** The column of the project itself. */
  readonly own: number;
}

/** Cells of the first table after the heading, without the names of the features. */
function rowsOf(file: string): readonly { readonly feature: string; readonly cells: readonly string[] }[] {
  const [, section = ''] = textOf(file).split('## Beside others\n');
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const [feature = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { feature, cells };
  });
}

const LACKS = /^(?:–|no\b|not\b)/;
/** A reason in a cell of its own row. */
const REASON = /^no[^:]*: .{20,}/;

describe.each<Comparison>([
  { file: 'docs/RESILIENCE.md', columns: 6, own: 5 },
  { file: 'docs/OBSERVABILITY.md', columns: 7, own: 0 },
])('what others have, in $file', ({ file, columns, own }) => {
  const rows = rowsOf(file);
  const [, gaps = ''] = textOf(file).split('**Gaps, and why.**');

  test('every row has all cells', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const { feature, cells } of rows) expect([feature, cells.length, cells.includes('')]).toEqual([feature, columns, false]);
  });

  test('what one of them has and the project lacks has a reason, in its row or below the table', () => {
    const lacking = rows.filter(
      ({ cells }) => LACKS.test(cells[own] ?? '') && cells.some((cell, column) => column !== own && cell !== '–'),
    );
    const unexplained = lacking.filter(({ feature, cells }) => !REASON.test(cells[own] ?? '') && !gaps.includes(`_${feature}_: `));
    expect(unexplained.map(({ feature }) => feature)).toEqual([]);
    expect(lacking.length).toBeGreaterThan(3);
  });
});
