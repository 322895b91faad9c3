import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DependencyError, MainstayError } from '@mainstay/types';

interface Shortage {
  readonly code: 'DISK_FULL' | 'OUT_OF_FILE_HANDLES';
  readonly resource: string;
}

const DISK: Shortage = { code: 'DISK_FULL', resource: 'data-folder' };
const HANDLES: Shortage = { code: 'OUT_OF_FILE_HANDLES', resource: 'file-handles' };
/** What the system ran out of, by its code. */
const SHORTAGES: Readonly<Record<string, Shortage>> = { EDQUOT: DISK, ENOSPC: DISK, EMFILE: HANDLES, ENFILE: HANDLES };

/** The file that the check writes, and removes. */
export const checkFile = (folder: string, pid = process.pid): string => join(folder, `.health-${pid}`);

/**
 * Resolves when a file can be written in the folder. One step after the other: on a disk that hangs it holds one thread of the pool of
 * Node, and who asks must not ask again before. Rejects with DISK_FULL, OUT_OF_FILE_HANDLES, or INTERNAL for anything else.
 */
export async function checkFolder(folder: string): Promise<void> {
  const file = checkFile(folder);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, 'ok');
  } catch (error) {
    throw asShortage(error, folder);
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

function asShortage(error: unknown, folder: string): MainstayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : String(error);
  const problem = `Nothing can be written in the folder ${folder}: ${text}`;
  const shortage = SHORTAGES[code];
  if (shortage === undefined) return new MainstayError('INTERNAL', problem, { cause: error });
  return new DependencyError(shortage.code, problem, { cause: error, details: { resource: shortage.resource } });
}
