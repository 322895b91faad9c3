import { DatabaseSync } from 'node:sqlite';

/** A lock held by this process; the operating system lets go of it when the process dies, however it dies. */
export interface ExclusiveLock {
  release(): void;
}

/**
 * Takes the lock in `file` (created if missing), or gives `undefined` when another process holds it. It is an SQLite write lock,
 * which is the kernel's own lock on the file: no pid to check, nothing stale to clean up.
 */
export function tryExclusiveLock(file: string): ExclusiveLock | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return {
      release: () => {
        database.close();
      },
    };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
