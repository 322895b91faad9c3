import { describe, expect, test } from '@jest/globals';
import { LintSum } from './lint-sum.ts';
import { parseOxlint, ruleName } from './oxlint-output.ts';

describe('ruleName', () => {
  test.each([
    ['eslint(no-debugger)', 'no-debugger'],
    ['unicorn(no-new-array)', 'unicorn/no-new-array'],
    ['eslint-plugin-import(no-cycle)', 'import/no-cycle'],
    [undefined, 'syntax'],
    ['', 'syntax'],
    ['strange', 'strange'],
  ])('%s is %s', (code, rule) => {
    expect(ruleName(code)).toBe(rule);
  });
});

describe('parseOxlint', () => {
  const diagnostic = {
    message: 'm',
    code: 'eslint(no-debugger)',
    severity: 'error',
    filename: '/t/src/a.ts',
    labels: [{ span: { line: 3, column: 5 } }],
  };
  const write = (...diagnostics: unknown[]): string => JSON.stringify({ diagnostics, number_of_files: 1 });

  test('gives findings with paths from the root of the target', () => {
    expect(parseOxlint(write(diagnostic), '/t', '/w')).toEqual([
      { path: 'src/a.ts', line: 3, column: 5, rule: 'no-debugger', severity: 'error', message: 'm' },
    ]);
  });

  test('takes paths relative to where the tool ran, and findings without a place', () => {
    const [finding] = parseOxlint(write({ ...diagnostic, filename: '../t/b.ts', labels: [], severity: 'warning' }), '/t', '/w');
    expect(finding).toMatchObject({ path: 'b.ts', line: 1, column: 1, severity: 'warning' });
  });

  test('cuts messages that are too long', () => {
    expect(parseOxlint(write({ ...diagnostic, message: 'x'.repeat(1000) }), '/t', '/w')[0]?.message).toHaveLength(300);
  });

  test.each(['not json', '{"diagnostics":[', '{"other":1}', '{"diagnostics":[{"message":1}]}'])(
    '%s is a failure that may be tried again',
    (stdout) => {
      expect(() => parseOxlint(stdout, '/t', '/w')).toThrow(expect.objectContaining({ code: 'AGENT_FAILED', disposition: 'retryable' }));
    },
  );
});

describe('LintSum', () => {
  const finding = (line: number, severity: 'error' | 'warning') => ({
    path: 'a.ts',
    line,
    column: 1,
    rule: 'r',
    severity,
    message: `m${String(line)}`,
  });

  test('counts all, keeps a bounded list with errors first', () => {
    const sum = new LintSum();
    for (let round = 0; round < 50; round++)
      sum.add(
        Array.from({ length: 100 }, (_, line) => finding(line, 'warning')),
        10,
      );
    sum.add([finding(7, 'error')], 1);
    const result = sum.result(2);
    expect(result).toMatchObject({ filesChecked: 501, errors: 1, warnings: 5000, findings: { length: 150 } });
    expect(result.findings[0]).toMatchObject({ line: 7, severity: 'error' });
    expect(result.rules.map(({ severity, count }) => [severity, count])).toEqual([
      ['warning', 5000],
      ['error', 1],
    ]);
    expect(result.notes).toEqual(['2 very large files were not linted.']);
  });

  test('without files nothing is measured', () => {
    expect(new LintSum().result(0)).toMatchObject({ measured: false, errors: 0 });
  });
});
