import { describe, expect, test } from '@jest/globals';
import { duplicatedLinesByFile, jscpdReport, readReport } from './jscpd-report.ts';

const side = (name: string, start: number, end: number) => ({ name, start, end });

describe('readReport', () => {
  const report = (duplicates: unknown[], lines = 100) => jscpdReport.parse({ duplicates, statistics: { total: { lines, sources: 2 } } });
  const clone = (first: object, second: object, lines = 10) => ({
    format: 'ts',
    lines,
    tokens: 80,
    fragment: 'x',
    firstFile: first,
    secondFile: second,
  });

  test('gives paths from the root and the share of lines', () => {
    const found = readReport(report([clone(side('/t/a.ts', 1, 10), side('/t/b.ts', 11, 20))]), '/t', ['a.ts', 'b.ts'], 0);
    expect(found).toMatchObject({ clones: 1, duplicatedLines: 20, percentage: 20, lines: 100, notes: [] });
    expect(found.largest[0]).toEqual({
      language: 'ts',
      lines: 10,
      tokens: 80,
      first: { path: 'a.ts', start: 1, end: 10 },
      second: { path: 'b.ts', start: 11, end: 20 },
    });
  });

  test('takes the language off the name of a file with several, but not off a name with a colon', () => {
    const found = readReport(report([clone(side('/t/a.vue:css', 1, 9), side('/t/x:y', 1, 9))]), '/t', ['a.vue', 'x:y', 'x'], 0);
    expect(found.files.map(({ path }) => path)).toEqual(['a.vue', 'x:y']);
  });

  test('keeps the largest clones only, and never more than all lines', () => {
    const many = Array.from({ length: 100 }, (_, index) =>
      clone(side('/t/a.ts', index, index + 50), side('/t/b.ts', index, index + 50), index),
    );
    const found = readReport(report(many), '/t', ['a.ts', 'b.ts'], 3);
    expect(found).toMatchObject({ clones: 100, percentage: 100, largest: { length: 30 } });
    expect(found.largest[0]?.lines).toBe(99);
    expect(found.notes).toEqual(['3 very large files were not compared.']);
  });
});

describe('duplicatedLinesByFile', () => {
  test('counts lines in several clones once', () => {
    const clone = (start: number, end: number) => ({
      language: 'ts',
      lines: 1,
      tokens: 1,
      first: { path: 'a', start, end },
      second: { path: 'b', start: 1, end: 2 },
    });
    expect(duplicatedLinesByFile([clone(10, 20), clone(1, 5), clone(15, 25), clone(16, 17)])).toEqual(
      new Map([
        ['a', 5 + 16],
        ['b', 2],
      ]),
    );
  });
});
