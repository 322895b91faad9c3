import { type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Work } from '../work.ts';
import { forEachBounded } from './bounded-map.ts';
import { listPaths } from './list-paths.ts';
import type { Target } from './target.ts';

/** One regular file of a target. */
export interface ListedFile {
  /** Relative to the target's root, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

export interface FileList {
  /** In the order of their paths. */
  readonly files: readonly ListedFile[];
  readonly skipped: {
    readonly symbolicLinks: number;
    /** Vanished since, not permitted, or with a name that is not valid UTF-8. */
    readonly unreadable: number;
    /** Submodules, sockets, pipes, devices. */
    readonly special: number;
  };
  readonly truncated: boolean;
}

/** Files beyond this number are not looked at; the report says so. */
export const MAX_FILES = 100_000;

/** Lists the regular files of a target with their sizes. Never opens or follows anything. */
export async function listFiles(target: Target, { signal, progress }: Work, limit: number = MAX_FILES): Promise<FileList> {
  const { paths, truncated, unreadableFolders } = await listPaths(target, limit, signal);
  const sizes = new Map<string, number>();
  const skipped = { symbolicLinks: 0, unreadable: unreadableFolders, special: 0 };
  let done = 0;
  await forEachBounded(paths, 32, signal, async (path) => {
    let facts: Stats | undefined;
    try {
      facts = await lstat(join(target.root, path));
    } catch {
      skipped.unreadable += 1;
    }
    if (facts?.isFile() === true) sizes.set(path, facts.size);
    else if (facts?.isSymbolicLink() === true) skipped.symbolicLinks += 1;
    else if (facts !== undefined) skipped.special += 1;
    done += 1;
    if (done % 1000 === 0) progress(done / paths.length, `${String(done)} of ${String(paths.length)} files listed`);
  });
  const files = paths.flatMap((path) => {
    const bytes = sizes.get(path);
    return bytes === undefined ? [] : [{ path, bytes }];
  });
  return { files, skipped, truncated };
}
