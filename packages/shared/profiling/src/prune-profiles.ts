import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SNAPSHOT = '.heapsnapshot';

/** Removes heap snapshots that are older; resolves with how many. A folder that is not there has none. */
export async function pruneProfiles(folder: string, keepMs: number, now = Date.now()): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(SNAPSHOT)) continue;
    const file = join(folder, name);
    const at = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (at === undefined || now - at <= keepMs) continue;
    await rm(file, { force: true });
    removed += 1;
  }
  return removed;
}
