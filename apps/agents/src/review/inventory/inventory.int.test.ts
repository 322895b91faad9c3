import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { inventoryOutput } from '../model.ts';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { inventory } from './inventory.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `const v${String(index)} = ${String(index)};\n`).join('');

describe('inventory', () => {
  test('counts files, languages, lines, tests and binaries', async () => {
    await using folder = await sampleFolder({
      'README.md': '# hi',
      LICENSE: 'x\n',
      'src/a.ts': lines(10),
      'src/b.ts': lines(20),
      'src/b.test.ts': lines(5),
      'logo.png': new Uint8Array([137, 80, 0, 1, 2]),
      'empty.ts': '',
    });
    const work = sampleWork();
    const found = inventoryOutput.parse(await inventory({ path: folder.path }, work));
    expect(found).toMatchObject({
      measured: true,
      git: false,
      history: null,
      files: 7,
      codeFiles: 4,
      testFiles: 1,
      testLines: 5,
      codeLines: 35,
      binaryFiles: 1,
      lines: 37,
      present: { readme: true, licence: true, ci: false },
    });
    expect(found.languages[0]).toEqual({ language: 'TypeScript', files: 4, lines: 35, bytes: expect.any(Number) });
    expect(found.longestFiles[0]).toMatchObject({ path: 'src/b.ts', lines: 20 });
    expect(work.said.at(-1)).toEqual({ fraction: 1, note: '7 files, 37 lines' });
  });

  test('finds what changes often and is large', async () => {
    await using folder = await sampleFolder({ 'hot.ts': lines(50), 'cold.ts': lines(50), 'gone.ts': 'x\n', 'notes.md': 'x\n' });
    await folder.git('init', '-q');
    await folder.commit('first');
    for (const round of [1, 2, 3]) {
      await folder.write({ 'hot.ts': lines(50 + round), 'notes.md': `${String(round)}\n` });
      await folder.commit(`round ${String(round)}`, 'Bob <bob@example.org>');
    }
    await folder.git('rm', '-q', 'gone.ts');
    await folder.commit('last');
    const { history } = await inventory({ path: folder.path }, sampleWork(), () => Date.now() + 3 * 86_400_000);
    expect(history).toMatchObject({ commits: 5, authors: 2, truncated: false });
    expect(history?.hotspots.map(({ path }) => path)).toEqual(['hot.ts', 'cold.ts']);
    expect(history?.hotspots[0]).toMatchObject({ commits: 4, churn: 53, authors: 2, lines: 53, daysSinceChange: 3 });
  });

  test('a repository without commits has an empty history', async () => {
    await using folder = await sampleFolder({ 'a.ts': 'x\n' });
    await folder.git('init', '-q');
    const { files, history } = await inventory({ path: folder.path }, sampleWork());
    expect(files).toBe(1);
    expect(history).toEqual({ commits: 0, authors: 0, firstAt: null, lastAt: null, truncated: false, hotspots: [] });
  });

  test('a repository with one commit has a history of one', async () => {
    await using folder = await sampleFolder({ 'a.ts': 'x\n' });
    await folder.git('init', '-q');
    await folder.commit('first');
    expect((await inventory({ path: folder.path }, sampleWork())).history).toMatchObject({
      commits: 1,
      hotspots: [{ path: 'a.ts', commits: 1 }],
    });
  });

  test('a single file is reviewed with its own history', async () => {
    await using folder = await sampleFolder({ '[a].ts': 'x\n', 'a.ts': 'y\n' });
    await folder.git('init', '-q');
    await folder.commit('first');
    await folder.write({ 'a.ts': 'z\n' });
    await folder.commit('second');
    const found = await inventory({ path: join(folder.path, '[a].ts') }, sampleWork());
    expect(found).toMatchObject({ name: '[a].ts', files: 1, history: { commits: 1 } });
  });

  test('an empty folder is measured as nothing, with a note', async () => {
    await using folder = await sampleFolder();
    expect(await inventory({ path: folder.path }, sampleWork())).toMatchObject({
      measured: false,
      files: 0,
      notes: expect.arrayContaining(['There are no files to review here.']),
    });
  });

  test('very large files are weighed without being read into memory', async () => {
    await using folder = await sampleFolder({ 'big.txt': Buffer.alloc(40 * 1024 ** 2, 'line\n') });
    expect(await inventory({ path: folder.path }, sampleWork())).toMatchObject({
      bytes: 40 * 1024 ** 2,
      lines: 0,
      largestFiles: [{ lines: null }],
    });
  });

  test('an abort ends it', async () => {
    await using folder = await sampleFolder({ 'a.ts': 'x' });
    const run = inventory({ path: folder.path }, { signal: AbortSignal.abort(new Error('stop')), progress: () => undefined });
    await expect(run).rejects.toThrow('stop');
  });
});
