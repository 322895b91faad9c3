import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindOptions, RedisProgram } from './redis-program.ts';
import { runStep } from './run-step.ts';

/** Redis and its libraries, unpacked by an earlier start. */
export function unpackedRedis(toolsDir: string): RedisProgram | undefined {
  const root = join(toolsDir, 'redis');
  const file = join(root, 'usr', 'bin', 'redis-server');
  if (!existsSync(file)) return undefined;
  return { file, env: { LD_LIBRARY_PATH: libraryFolders(root).join(':') }, origin: `${file} (unpacked from its Debian package)` };
}

function libraryFolders(root: string): readonly string[] {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return ['usr/lib', 'lib'].flatMap((folder) => [join(root, folder, triplet), join(root, folder)]);
}

/**
 * Debian and its kin, without root: downloads the package that holds the server and whatever of its dependencies is not installed,
 * and unpacks them into `<toolsDir>/redis`. Uses the machine's package lists, else fetches lists of its own.
 */
export async function unpackRedis({ toolsDir, onProgress, signal }: FindOptions): Promise<RedisProgram | undefined> {
  if (!(await runStep('dpkg', ['--version'], { signal })).ok) return undefined;
  onProgress('fetching Redis and unpacking it beside the data folder');
  const work = join(toolsDir, `redis.${String(process.pid)}`);
  try {
    await mkdir(work, { recursive: true });
    const fetched = (await download(work, [], signal)) || (await downloadWithOwnLists(work, signal));
    if (!fetched) {
      onProgress('apt-get could not download Redis');
      return undefined;
    }
    await unpack(work, signal);
    await rm(join(toolsDir, 'redis'), { recursive: true, force: true });
    await rename(join(work, 'root'), join(toolsDir, 'redis'));
    return unpackedRedis(toolsDir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function downloadWithOwnLists(work: string, signal: AbortSignal | undefined): Promise<boolean> {
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
  return download(work, own, signal);
}

/** In Debian `redis-server` is a name for `redis-check-rdb` of the package redis-tools; in its kin it may be a file of redis-server. */
async function download(work: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const packages = await missingPackages(flags, signal);
  const got = await runStep('apt-get', [...flags, '-q', 'download', ...packages], { cwd: work, signal });
  return got.ok;
}

async function missingPackages(flags: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const limits = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const { output } = await runStep('apt-cache', [...flags, 'depends', '--recurse', ...limits, 'redis-tools'], { signal });
  const names = [...new Set(output.split('\n').filter((line) => /^[a-z0-9][a-z0-9.+-]*(:\w+)?$/.test(line)))];
  const states = await Promise.all(names.map((name) => runStep('dpkg-query', ['-W', '-f=${Status}', name], { signal })));
  const libraries = names.filter((name, index) => name.startsWith('lib') && !states[index]?.output.includes('install ok installed'));
  return ['redis-tools', 'redis-server', ...libraries];
}

async function unpack(work: string, signal: AbortSignal | undefined): Promise<void> {
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  for (const name of (await readdir(work)).filter((each) => each.endsWith('.deb'))) {
    await runStep('dpkg', ['-x', join(work, name), root], { signal });
  }
  const bin = join(root, 'usr', 'bin');
  if (!existsSync(join(bin, 'redis-server'))) await symlink('redis-check-rdb', join(bin, 'redis-server'));
}
