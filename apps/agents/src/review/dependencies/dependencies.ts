import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { forEachBounded } from '../listing/bounded-map.ts';
import { isTest } from '../listing/file-roles.ts';
import { listFiles } from '../listing/list-files.ts';
import { resolveTarget } from '../listing/target.ts';
import type { Dependencies, TargetInput } from '../model.ts';
import { clip, plural } from '../tally.ts';
import type { Work } from '../work.ts';
import { installedLicence } from './installed-licence.ts';
import type { LockedPackage } from './locked-package.ts';
import { lockKind } from './lockfiles.ts';
import { describeManifests } from './describe-manifests.ts';
import { type ManifestFacts, manifestReader } from './manifests.ts';
import { sumUp } from './sum-up.ts';

const MAX_MANIFESTS = 200;
const MAX_LOCKFILES = 50;
const MAX_MANIFEST_BYTES = 1024 ** 2;
const MAX_LOCKFILE_BYTES = 32 * 1024 ** 2;
/** Installed packages whose package.json is asked for a licence that the lockfile does not state. */
const MAX_ASKED = 4000;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

function unread(path: string, error: unknown): string {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  const why =
    issue === undefined ? (error instanceof Error ? error.message : String(error)) : `${issue.message} at ${issue.path.join('.')}`;
  return clip(`${path} could not be read: ${why}`, 300);
}

async function withLicence(root: string, locked: LockedPackage, lockFolder: string): Promise<LockedPackage> {
  if (locked.licence !== undefined || locked.folder === undefined) return locked;
  const licence = await installedLicence(root, `${lockFolder}${locked.folder}`);
  return licence === undefined ? locked : { ...locked, licence };
}

/** Facts from manifests and lockfiles, offline: nothing is installed, built or asked of a registry. */
export async function dependencies(input: TargetInput, { signal, progress }: Work): Promise<Dependencies> {
  const target = await resolveTarget(input.path, signal);
  const { files } = await listFiles(target, { signal, progress: () => undefined });
  const own = files.filter(({ path }) => !isTest(path) && !/(^|\/)(node_modules|vendor)\//.test(path));
  const manifestFiles = own.filter(({ path }) => manifestReader(path) !== undefined);
  const lockFiles = own.filter(({ path }) => lockKind(path) !== undefined);
  const lockPaths = lockFiles.map(({ path }) => path);
  const notes: string[] = [];
  const read: { path: string; facts: ManifestFacts }[] = [];
  const locked: LockedPackage[] = [];

  for (const { path, bytes } of manifestFiles.slice(0, MAX_MANIFESTS)) {
    signal.throwIfAborted();
    try {
      if (bytes > MAX_MANIFEST_BYTES) throw new RangeError('larger than 1 MiB');
      const facts = manifestReader(path)?.(await readFile(join(target.root, path), 'utf8'));
      if (facts !== undefined) read.push({ path, facts });
    } catch (error) {
      notes.push(unread(path, error));
    }
  }
  const manifests = describeManifests(read, lockPaths);
  const directNames = new Set(read.flatMap(({ facts }) => [...facts.direct, ...facts.development]));
  let asked = 0;
  for (const [index, { path, bytes }] of lockFiles.slice(0, MAX_LOCKFILES).entries()) {
    signal.throwIfAborted();
    progress(index / lockFiles.length, `reading ${clip(path, 200)}`);
    const readLock = lockKind(path)?.read;
    if (readLock === undefined) continue;
    try {
      if (bytes > MAX_LOCKFILE_BYTES) throw new RangeError('larger than 32 MiB');
      const packages = readLock(await readFile(join(target.root, path), 'utf8'));
      await forEachBounded(packages, 8, signal, async (one) => {
        asked += one.licence === undefined && one.folder !== undefined ? 1 : 0;
        locked.push(asked > MAX_ASKED ? one : await withLicence(target.root, one, folderOf(path)));
      });
    } catch (error) {
      signal.throwIfAborted();
      notes.push(unread(path, error));
    }
  }
  if (manifestFiles.length > MAX_MANIFESTS)
    notes.push(`Only ${plural(MAX_MANIFESTS, 'manifest')} of ${String(manifestFiles.length)} were read.`);
  if (manifestFiles.length === 0) notes.push('There is no manifest of npm, Python, Go or Rust here.');
  const result = sumUp(manifests, locked, directNames, notes.slice(0, 20));
  progress(
    1,
    `${plural(result.direct + result.development, 'direct dependency', 'direct dependencies')}, ${plural(result.locked, 'locked package')}`,
  );
  return result;
}
