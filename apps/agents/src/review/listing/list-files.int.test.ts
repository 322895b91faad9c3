import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { listFiles } from './list-files.ts';
import { resolveTarget } from './target.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const list = async (path: string, limit?: number): ReturnType<typeof listFiles> =>
  listFiles(await resolveTarget(path, new AbortController().signal), sampleWork(), limit);

const pathsIn = async (path: string): Promise<string[]> => (await list(path)).files.map((file) => file.path);

describe('listFiles', () => {
  test('in a git repository lists what is tracked or would be, without what is ignored', async () => {
    await using folder = await sampleFolder({ '.gitignore': 'secret.txt\nbig/\n', 'a.ts': 'x', 'secret.txt': 'x', 'big/b': 'x' });
    await folder.git('init', '-q');
    await folder.commit('first');
    await folder.write({ 'new.ts': 'x' });
    expect(await pathsIn(folder.path)).toEqual(['.gitignore', 'a.ts', 'new.ts']);
  });

  test('without git leaves out what tools install and build', async () => {
    await using folder = await sampleFolder({ 'a.ts': 'x', 'node_modules/m/i.js': 'x', 'dist/a.js': 'x', 'src/b.ts': 'xy' });
    expect((await list(folder.path)).files).toEqual([
      { path: 'a.ts', bytes: 1 },
      { path: 'src/b.ts', bytes: 2 },
    ]);
  });

  test('odd names come through, with git and without', async () => {
    const names = [' lead', '-rf', 'a"b', "a'b", 'a\nb', 'a\tb', 'ä€😀', '<b>', '$(id)', '*'];
    await using folder = await sampleFolder(Object.fromEntries(names.map((name) => [name, 'x'])));
    const expected = [...names].sort();
    expect(await pathsIn(folder.path)).toEqual(expected);
    await folder.git('init', '-q');
    await folder.commit('first');
    expect(await pathsIn(folder.path)).toEqual(expected);
  });

  test('symbolic links are counted and never followed, loops included', async () => {
    await using folder = await sampleFolder({ 'a/b.txt': 'x' });
    await symlink('..', join(folder.path, 'a/loop'));
    await symlink('/etc/passwd', join(folder.path, 'outside'));
    await symlink('nowhere', join(folder.path, 'dangling'));
    const { files, skipped } = await list(folder.path);
    expect(files.map(({ path }) => path)).toEqual(['a/b.txt']);
    expect(skipped.symbolicLinks).toBe(3);
  });

  test('pipes and nested repositories are counted as special, deleted files as unreadable', async () => {
    await using folder = await sampleFolder({ 'a.txt': 'x', 'gone.txt': 'x', 'inner/f': 'x' });
    await folder.git('init', '-q', 'inner');
    await folder.git('init', '-q');
    await folder.git('add', 'a.txt', 'gone.txt');
    execFileSync('rm', [join(folder.path, 'gone.txt')]);
    const { files, skipped } = await list(folder.path);
    expect(files.map(({ path }) => path)).toEqual(['a.txt']);
    expect(skipped).toEqual({ symbolicLinks: 0, unreadable: 1, special: 1 });
    await using plain = await sampleFolder();
    execFileSync('mkfifo', [join(plain.path, 'pipe')]);
    expect((await list(plain.path)).skipped.special).toBe(1);
  });

  test('a folder within a repository lists its own part, and one that the repository ignores is walked', async () => {
    await using folder = await sampleFolder({ '.gitignore': 'tmp/\n', 'src/a.ts': 'x', 'tmp/b.ts': 'x', 'c.ts': 'x' });
    await folder.git('init', '-q');
    await folder.commit('first');
    expect(await pathsIn(join(folder.path, 'src'))).toEqual(['a.ts']);
    expect(await pathsIn(join(folder.path, 'tmp'))).toEqual(['b.ts']);
  });

  test('a single file is a list of one', async () => {
    await using folder = await sampleFolder({ 'a.ts': 'abc', 'b.ts': 'x' });
    expect((await list(join(folder.path, 'a.ts'))).files).toEqual([{ path: 'a.ts', bytes: 3 }]);
  });

  test('stops at its limit and says so', async () => {
    await using folder = await sampleFolder(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${String(index)}`, 'x'])));
    expect(await list(folder.path, 10)).toMatchObject({ truncated: true, files: { length: 10 } });
    await folder.git('init', '-q');
    expect(await list(folder.path, 10)).toMatchObject({ truncated: true, files: { length: 10 } });
  });

  test("a repository's own settings make git run nothing", async () => {
    await using folder = await sampleFolder({ 'a.ts': 'x', 'run.sh': '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n' });
    await chmod(join(folder.path, 'run.sh'), 0o755);
    await folder.git('init', '-q');
    await folder.git('config', 'core.fsmonitor', join(folder.path, 'run.sh'));
    expect(await pathsIn(folder.path)).toEqual(['a.ts', 'run.sh']);
    expect(await pathsIn(folder.path)).not.toContain('ran');
    await folder.git('status');
    expect(await pathsIn(folder.path)).toContain('ran');
  });
});

describe('resolveTarget', () => {
  const signal = new AbortController().signal;

  test.each([
    ['/no/such/folder', /does not exist/],
    ['relative/path', /is relative/],
    ['/dev/null', /neither a folder nor a regular file/],
    [`/${'x'.repeat(300)}`, /longer than the file system allows/],
    ['/tmp/\0', /NUL/],
  ])('%j is refused for good, with the reason', async (path, message) => {
    await expect(resolveTarget(path, signal)).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      disposition: 'terminal',
      message: expect.stringMatching(message),
    });
  });

  test('a loop of links is refused', async () => {
    await using folder = await sampleFolder();
    await symlink('loop', join(folder.path, 'loop'));
    await expect(resolveTarget(join(folder.path, 'loop'), signal)).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      message: expect.stringMatching(/loop of symbolic links/),
    });
  });

  test('a bare repository is refused with advice', async () => {
    await using folder = await sampleFolder();
    await folder.git('init', '-q', '--bare', 'bare.git');
    await expect(resolveTarget(join(folder.path, 'bare.git'), signal)).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      message: expect.stringMatching(/clone it/),
    });
  });

  // The superuser may read everything.
  (process.getuid?.() === 0 ? test.skip : test)('a folder without permission is refused', async () => {
    await using folder = await sampleFolder();
    const closed = join(folder.path, 'closed');
    await mkdir(closed, { mode: 0o000 });
    await expect(resolveTarget(closed, signal)).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      message: expect.stringMatching(/may not be read/),
    });
    await chmod(closed, 0o700);
  });
});
