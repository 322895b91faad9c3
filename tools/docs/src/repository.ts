import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Files of the repository, relative to its top, sorted: tracked ones, and new ones that are not ignored. */
export function repositoryFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: MAX_LIST_BYTES,
  });
  return [...new Set(list.split('\0'))].filter((file) => file !== '' && existsSync(join(ROOT, file))).sort();
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function markdownFiles(): string[] {
  return repositoryFiles().filter((file) => file.endsWith('.md'));
}
