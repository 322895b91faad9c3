import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder in the system's temporary folder for a server of a test; others may enter it, because under root Postgres is another user. */
export async function makeTestFolder(prefix = 'mainstay-test-'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await chmod(folder, 0o711);
  return folder;
}
