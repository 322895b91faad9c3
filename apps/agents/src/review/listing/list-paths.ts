import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './git.ts';
import { IGNORED_FOLDERS } from './ignored-folders.ts';
import type { Target } from './target.ts';

/** Paths relative to the target's root, with `/`, sorted by code unit; the same list for the same target state. */
export interface PathList {
  readonly paths: readonly string[];
  /** There are more than the limit: the list holds the first ones that were met. */
  readonly truncated: boolean;
  /** Folders that could not be opened. */
  readonly unreadableFolders: number;
}

/** Splits a stream of bytes at NUL characters. */
export function nulSplitter(take: (token: string) => void): { push: (chunk: Buffer) => void; end: () => void } {
  let rest = Buffer.alloc(0);
  return {
    push(chunk) {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let at = data.indexOf(0); at >= 0; at = data.indexOf(0)) {
        take(data.toString('utf8', 0, at));
        data = data.subarray(at + 1);
      }
      rest = Buffer.from(data);
    },
    end() {
      if (rest.length > 0) take(rest.toString('utf8'));
    },
  };
}

async function listByGit(target: Target, limit: number, signal: AbortSignal): Promise<PathList> {
  const paths = new Set<string>();
  let truncated = false;
  const splitter = nulSplitter((path) => {
    if (paths.size < limit) paths.add(path);
    else truncated = true;
  });
  await git({
    cwd: target.root,
    args: ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    signal,
    timeoutMs: 60_000,
    onStdout: (chunk) => {
      splitter.push(chunk);
      return !truncated;
    },
  });
  return { paths: [...paths].sort(), truncated, unreadableFolders: 0 };
}

async function listByWalk(target: Target, limit: number, signal: AbortSignal): Promise<PathList> {
  const paths: string[] = [];
  const folders = [''];
  let unreadableFolders = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    try {
      for await (const entry of await opendir(join(target.root, folder))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          if (!IGNORED_FOLDERS.has(entry.name)) folders.push(path);
        } else if (paths.length < limit) paths.push(path);
        else return { paths: paths.sort(), truncated: true, unreadableFolders };
      }
    } catch {
      unreadableFolders += 1;
    }
  }
  return { paths: paths.sort(), truncated: false, unreadableFolders };
}

/**
 * The files of a target: what git knows or would add, else a walk that leaves out {@link IGNORED_FOLDERS} and follows no
 * symbolic links. A folder that an outer repository ignores is walked: somebody asked for it by name.
 */
export async function listPaths(target: Target, limit: number, signal: AbortSignal): Promise<PathList> {
  if (target.only !== undefined) return { paths: [target.only], truncated: false, unreadableFolders: 0 };
  if (!target.git) return listByWalk(target, limit, signal);
  const listed = await listByGit(target, limit, signal);
  return listed.paths.length > 0 ? listed : listByWalk(target, limit, signal);
}
