import { describe, expect, jest, test } from '@jest/globals';
import { dirname, join } from 'node:path';
import { codeBlocks } from './markdown.ts';
import { markdownFiles, ROOT, textOf } from './repository.ts';
import { runBlock } from './run-program.ts';

jest.setTimeout(120_000);

const examples = markdownFiles().flatMap((file) =>
  codeBlocks(textOf(file))
    .filter(({ language }) => language === 'ts')
    .map(({ text, line }) => ({ file, line, text })),
);

/** A package's example shows something: it prints. Elsewhere a block may only declare. */
const mustPrint = (file: string): boolean => file.endsWith('README.md');

describe('examples in TypeScript', () => {
  test.each(examples)('$file, line $line, runs as it stands', async ({ file, text }) => {
    const { code, stdout, stderr } = await runBlock(text, join(ROOT, dirname(file)));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    if (mustPrint(file)) expect(stdout.trim()).not.toBe('');
  });

  test('there is one in the README of every package', () => {
    const manifests = markdownFiles().filter((file) => /^packages\/.*README\.md$/.test(file));
    const shown = new Set(examples.map(({ file }) => file));
    expect(manifests.filter((file) => !shown.has(file))).toEqual([]);
    expect(manifests.length).toBeGreaterThanOrEqual(7);
  });

  test('a broken one is noticed', async () => {
    const ended = await runBlock("import { nothingOfTheKind } from '@mainstay/types';", join(ROOT, 'packages/shared/types'));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('nothingOfTheKind');
  });
});
