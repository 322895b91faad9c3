import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindOptions } from './redis-program.ts';
import { runStep } from './run-step.ts';

/** What {@link unpackDebian} fetches. */
export interface DebianSource {
  /** The folder beneath the tools' folder that it is unpacked into. */
  readonly folder: string;
  /** Its name for people. */
  readonly title: string;
  /** Names of the packages; `flags` go to every call of apt that looks them up. */
  readonly packages: (flags: readonly string[]) => Promise<readonly string[]>;
  /** Called with the root of the unpacked files before they are moved into place. */
  readonly finish?: (root: string) => Promise<void>;
}

/**
 * Debian and its kin, without root and without starting anything: downloads packages and unpacks them into `<toolsDir>/<folder>`. Uses the
 * machine's package lists, else fetches lists of its own. Gives the root of the files; undefined when it cannot be done here.
 */
export async function unpackDebian(source: DebianSource, { toolsDir, onProgress, signal }: FindOptions): Promise<string | undefined> {
  if (!(await runStep('dpkg', ['--version'], { signal })).ok) return undefined;
  const { folder, title } = source;
  onProgress(`fetching ${title} and unpacking it beside the data folder`);
  const work = join(toolsDir, `${folder}.${String(process.pid)}`);
  try {
    await mkdir(work, { recursive: true });
    const fetched = (await download(source, work, [], signal)) || (await downloadWithOwnLists(source, work, signal));
    if (!fetched) {
      onProgress(`apt-get could not download ${title}`);
      return undefined;
    }
    const root = await unpacked(work, signal);
    await source.finish?.(root);
    return await placed(root, join(toolsDir, folder));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function downloadWithOwnLists(source: DebianSource, work: string, signal: AbortSignal | undefined): Promise<boolean> {
  const state = join(work, 'state');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const own = [
    '-o',
    `Dir::State::lists=${join(state, 'lists')}`,
    '-o',
    `Dir::Cache=${join(state, 'cache')}`,
    '-o',
    'Debug::NoLocking=true',
  ];
  await runStep('apt-get', [...own, 'update', '-q'], { signal });
  return download(source, work, own, signal);
}

async function download(
  { packages }: DebianSource,
  work: string,
  flags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const got = await runStep('apt-get', [...flags, '-q', 'download', ...(await packages(flags))], { cwd: work, signal });
  return got.ok;
}

async function unpacked(work: string, signal: AbortSignal | undefined): Promise<string> {
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  for (const name of (await readdir(work)).filter((each) => each.endsWith('.deb'))) {
    await runStep('dpkg', ['-x', join(work, name), root], { signal });
  }
  return root;
}

/** Somebody who was faster, and whose programs may run already, keeps the place. */
async function placed(root: string, place: string): Promise<string> {
  try {
    await rename(root, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
  return place;
}
