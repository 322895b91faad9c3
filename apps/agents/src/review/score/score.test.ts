import { describe, expect, test } from '@jest/globals';
import { type ScoreInput, scoreOutput } from '../model.ts';
import { tidyFigures } from '../testing/sample-figures.ts';
import { gradeOf, score, weightedScore } from './score.ts';

const part = (figures: ScoreInput, id: string) => score(figures).components.find((one) => one.id === id);

describe('score', () => {
  test('a tidy repository has full marks and no deduction', () => {
    const marks = scoreOutput.parse(score(tidyFigures()));
    expect(marks).toMatchObject({ score: 100, grade: 'A', cap: null });
    expect(marks.components.flatMap(({ deductions }) => deductions)).toEqual([]);
    expect(marks.summary).toBe('Score 100 of 100, grade A. 20 files, 2,500 lines. Nothing was deducted.');
  });

  test('is pure: the same figures give the same marks and are left as they were', () => {
    const figures = tidyFigures();
    const copy = structuredClone(figures);
    expect(score(figures)).toEqual(score(figures));
    expect(figures).toEqual(copy);
  });

  test('every deduction says how much, why with figures, and where', () => {
    const figures = tidyFigures();
    const place = { path: 'src/a.ts', line: 3, column: 1, rule: 'no-debugger', message: 'm' };
    const found = part(
      {
        ...figures,
        lint: {
          ...figures.lint,
          errors: 2,
          warnings: 8,
          findings: [
            { ...place, severity: 'error' },
            { ...place, line: 9, severity: 'warning' },
          ],
        },
      },
      'lint',
    );
    expect(found?.deductions).toEqual([
      { points: 18, reason: '2 errors in 10 linted files (1 per 1,000 lines of code)', where: ['src/a.ts:3'] },
      { points: 12, reason: '8 warnings (4 per 1,000 lines of code)', where: ['src/a.ts:9'] },
    ]);
    expect(found?.score).toBe(70);
  });

  test('a secret outside tests caps the score; one in a test does not', () => {
    const figures = tidyFigures();
    const place = { path: 'src/a.ts', line: 1, rule: 'aws', masked: '***', test: false };
    const leaked = score({ ...figures, secrets: { ...figures.secrets, findings: 1, places: [place] } });
    expect(leaked).toMatchObject({ score: 59, grade: 'E', cap: { at: 59 } });
    const inTest = score({ ...figures, secrets: { ...figures.secrets, findings: 1, inTests: 1, places: [{ ...place, test: true }] } });
    expect(inTest).toMatchObject({ score: 99, cap: null });
  });

  test('what was not measured neither helps nor harms', () => {
    const figures = tidyFigures();
    const without = score({ ...figures, lint: { ...figures.lint, measured: false, notes: ['The lint stage failed'] } });
    expect(without.score).toBe(100);
    expect(without.components.find(({ id }) => id === 'lint')).toMatchObject({ score: null, note: 'The lint stage failed' });
    expect(without.summary).toContain('Not measured: likely mistakes.');
  });

  test('nothing to review is no score rather than a bad or a good one', () => {
    const figures = tidyFigures();
    const marks = score({ ...figures, inventory: { ...figures.inventory, measured: false, codeFiles: 0 } });
    expect(marks).toMatchObject({ score: null, grade: 'none', summary: 'There is nothing to review here.' });
  });

  test('more of anything bad never raises the score, and it stays between 0 and 100', () => {
    const figures = tidyFigures();
    let before = 100;
    for (const bad of [0, 1, 5, 20, 100, 1000, 100_000]) {
      const marks = score({
        ...figures,
        lint: { ...figures.lint, errors: bad, warnings: bad },
        secrets: { ...figures.secrets, findings: bad },
        duplicates: { ...figures.duplicates, percentage: Math.min(100, bad) },
        dependencies: { ...figures.dependencies, strongCopyleftCount: bad, unlicensedCount: bad, installScriptsCount: bad },
      });
      expect(marks.score).toBeLessThanOrEqual(before);
      expect(marks.score).toBeGreaterThanOrEqual(0);
      before = marks.score ?? 0;
    }
    expect(before).toBeLessThan(30);
  });

  test('duplicates up to 3 % are free', () => {
    const figures = tidyFigures();
    const at = (percentage: number) => part({ ...figures, duplicates: { ...figures.duplicates, percentage } }, 'duplicates')?.score;
    expect([at(3), at(8), at(28), at(90)]).toEqual([100, 80, 0, 0]);
  });

  test('a repository without tests, README and lockfile loses points for each', () => {
    const figures = tidyFigures();
    const bare = score({
      ...figures,
      inventory: { ...figures.inventory, testLines: 0, present: { ...figures.inventory.present, readme: false } },
      dependencies: { ...figures.dependencies, missingLockfiles: ['package.json'] },
    });
    expect(bare.components.filter(({ deductions }) => deductions.length > 0).map(({ id, score: marks }) => [id, marks])).toEqual([
      ['dependencies', 85],
      ['structure', 60],
      ['hygiene', 70],
    ]);
  });
});

describe('gradeOf', () => {
  test.each([
    [100, 'A'],
    [90, 'A'],
    [89, 'B'],
    [70, 'C'],
    [60, 'D'],
    [50, 'E'],
    [49, 'F'],
    [0, 'F'],
    [null, 'none'],
  ] as const)('%s is %s', (marks, grade) => {
    expect(gradeOf(marks)).toBe(grade);
  });
});

describe('weightedScore', () => {
  test('is the mean by weight of what was measured', () => {
    const component = (weight: number, marks: number | null) => ({
      id: 'lint' as const,
      title: '',
      weight,
      score: marks,
      deductions: [],
      note: null,
    });
    expect(weightedScore([component(3, 100), component(1, 0), component(90, null)])).toBe(75);
    expect(weightedScore([component(3, null)])).toBeNull();
    expect(weightedScore([])).toBeNull();
  });
});
