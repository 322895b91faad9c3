import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '@mainstay/types';
import { newApiKey } from './api-key.ts';

export const ADMIN_KEY_FILE = 'admin.key';
const MIN_LENGTH = 32;

/**
 * The first admin key of an installation: the one in `admin.key` of the data folder, which is written (mode 0600) if
 * there is none. Of two processes that do this at once, both get the key of the one that was first.
 */
export async function adminKey(dataDir: string): Promise<string> {
  const file = join(dataDir, ADMIN_KEY_FILE);
  return (await readKey(file)) ?? (await createKey(dataDir, file));
}

async function createKey(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = join(dataDir, `.${ADMIN_KEY_FILE}.${randomUUID()}`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${newApiKey()}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readKey(file);
  if (key === undefined) throw new ConfigurationError('CONFIG_INVALID', `${file} vanished while it was written; start again`);
  return key;
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    const key = (await readFile(file, 'utf8')).trim();
    if (key.length < MIN_LENGTH) {
      throw new ConfigurationError('CONFIG_INVALID', `${file} holds fewer than ${MIN_LENGTH} characters; delete it to get a new key`);
    }
    if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
    return key;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
