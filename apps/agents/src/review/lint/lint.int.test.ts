import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { lintOutput } from '../model.ts';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { lint } from './lint.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

describe('lint', () => {
  test('finds a planted mistake and a file that does not parse, and nothing in good code', async () => {
    await using folder = await sampleFolder({
      'src/bad.js': 'export function f(a) {\n  debugger;\n  if (a === NaN) return 1;\n  return 2;\n}\n',
      'src/good.ts': 'export const twice = (n: number): number => 2 * n;\n',
      'src/broken.ts': 'const = ;\n',
      'readme.md': 'debugger;\n',
      'lib/x.min.js': 'debugger;\n',
    });
    const found = lintOutput.parse(await lint({ path: folder.path }, sampleWork()));
    expect(found).toMatchObject({ measured: true, filesChecked: 3 });
    expect(found.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: 'src/bad.js', line: 2, rule: 'no-debugger', severity: 'error' }),
        expect.objectContaining({ path: 'src/bad.js', line: 3, rule: 'use-isnan' }),
        expect.objectContaining({ path: 'src/broken.ts', rule: 'syntax' }),
      ]),
    );
    expect(found.findings.map(({ path }) => path)).not.toContain('src/good.ts');
  });

  test("the target's own configuration is neither obeyed nor executed", async () => {
    await using folder = await sampleFolder();
    const trap = `require('node:fs').writeFileSync(${JSON.stringify(join(folder.path, 'ran'))}, '');`;
    await folder.write({
      'a.js': 'debugger;\n',
      'plugin.cjs': trap,
      'oxlint.config.ts': trap,
      '.oxlintrc.json': JSON.stringify({ jsPlugins: ['./plugin.cjs'], rules: { 'no-debugger': 'off' }, ignorePatterns: ['**'] }),
      '.eslintignore': '**\n',
      'src/.oxlintrc.json': JSON.stringify({ jsPlugins: ['../plugin.cjs'], rules: { 'no-debugger': 'off' } }),
      'src/b.js': 'debugger;\n',
    });
    const { findings } = await lint({ path: folder.path }, sampleWork());
    expect(findings.filter(({ rule }) => rule === 'no-debugger').map(({ path }) => path)).toEqual(['a.js', 'src/b.js']);
    expect(existsSync(join(folder.path, 'ran'))).toBe(false);
  });

  test('odd file names do not become options or other files', async () => {
    const names = ['--fix.js', 'a b.js', "it's.js", 'ä😀.js', '*.js'];
    await using folder = await sampleFolder(Object.fromEntries(names.map((name) => [name, 'debugger;\n'])));
    const { findings, filesChecked } = await lint({ path: folder.path }, sampleWork());
    expect(filesChecked).toBe(names.length);
    expect(findings.map(({ path }) => path).sort()).toEqual([...names].sort());
  });

  test('a batch about which there is too much to say is halved, and one file of that kind is left out', async () => {
    await using folder = await sampleFolder({ 'a.js': 'debugger;\n', 'b.js': 'debugger;\n', 'loud.js': 'debugger;\n'.repeat(200) });
    const found = await lint({ path: folder.path }, sampleWork(), { timeoutMs: 60_000, maxRssBytes: 1024 ** 3, maxStdoutBytes: 8000 });
    expect(found).toMatchObject({ filesChecked: 2, errors: 2 });
    expect(found.notes).toEqual(['1 very large file was not linted.']);
  });

  test('a folder without JavaScript is not measured', async () => {
    await using folder = await sampleFolder({ 'a.py': 'x = 1\n' });
    expect(await lint({ path: folder.path }, sampleWork())).toMatchObject({ measured: false, errors: 0, warnings: 0 });
  });
});
