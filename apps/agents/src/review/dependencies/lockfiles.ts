import type { Manifest } from '../model.ts';
import type { LockedPackage } from './locked-package.ts';
import { readNpmLock } from './npm-lock.ts';
import { readGoSum, readPnpmLock, readTomlLock, readYarnLock } from './other-locks.ts';

export interface LockKind {
  readonly ecosystem: Manifest['ecosystem'];
  /** undefined: a binary format that we do not read; that it exists is all that is known. */
  readonly read?: (text: string) => LockedPackage[];
}

const KINDS: ReadonlyMap<string, LockKind> = new Map<string, LockKind>([
  ['package-lock.json', { ecosystem: 'npm', read: readNpmLock }],
  ['npm-shrinkwrap.json', { ecosystem: 'npm', read: readNpmLock }],
  ['yarn.lock', { ecosystem: 'npm', read: readYarnLock }],
  ['pnpm-lock.yaml', { ecosystem: 'npm', read: readPnpmLock }],
  ['bun.lock', { ecosystem: 'npm' }],
  ['bun.lockb', { ecosystem: 'npm' }],
  ['Cargo.lock', { ecosystem: 'rust', read: readTomlLock }],
  ['poetry.lock', { ecosystem: 'python', read: readTomlLock }],
  ['uv.lock', { ecosystem: 'python', read: readTomlLock }],
  ['go.sum', { ecosystem: 'go', read: readGoSum }],
]);

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

export function lockKind(path: string): LockKind | undefined {
  return KINDS.get(path.slice(path.lastIndexOf('/') + 1));
}

/** The lockfile that a manifest goes by: of its ecosystem, in its folder or the nearest one above (workspaces). */
export function lockfileOf(manifestPath: string, ecosystem: Manifest['ecosystem'], lockfiles: readonly string[]): string | null {
  const folder = folderOf(manifestPath);
  const above = lockfiles.filter((path) => lockKind(path)?.ecosystem === ecosystem && folder.startsWith(folderOf(path)));
  return above.reduce<string | null>(
    (nearest, path) => (nearest === null || folderOf(path).length > folderOf(nearest).length ? path : nearest),
    null,
  );
}
