import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkFolder } from './check-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('checkFolder', () => {
  test('resolves when a file can be written, makes the folder, and leaves nothing in it', async () => {
    const inner = join(folder, 'data');
    await checkFolder(inner);
    expect(await readdir(inner)).toEqual([]);
  });

  test('rejects when there can be no such folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(checkFolder(join(folder, 'file', 'data'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
