import { describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_KEY_FILE, adminKey } from './admin-key.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstay-admin-key-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('adminKey', () => {
  test('writes a key that only the owner can read, and keeps it', async () => {
    await inFolder(async (folder) => {
      const key = await adminKey(join(folder, 'data'));
      const file = join(folder, 'data', ADMIN_KEY_FILE);
      expect(key).toMatch(/^mst_[A-Za-z0-9_-]{43}$/);
      expect((await readFile(file, 'utf8')).trim()).toBe(key);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await adminKey(join(folder, 'data'))).toBe(key);
    });
  });

  test('gives processes that start at once the same key and leaves nothing else behind', async () => {
    await inFolder(async (folder) => {
      const keys = await Promise.all(Array.from({ length: 20 }, () => adminKey(folder)));
      expect(new Set(keys).size).toBe(1);
      expect(await readdir(folder)).toEqual([ADMIN_KEY_FILE]);
    });
  });

  test('takes back the rights of others', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, ADMIN_KEY_FILE);
      await writeFile(file, `${'k'.repeat(40)}\n`, { mode: 0o644 });
      expect(await adminKey(folder)).toBe('k'.repeat(40));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    });
  });

  test('refuses a file that holds too little', async () => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, ADMIN_KEY_FILE), 'short\n');
      await expect(adminKey(folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    });
  });
});
