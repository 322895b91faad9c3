import { existsSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type DebianSource, unpackDebian } from './debian-unpack.ts';
import type { FindOptions, RedisProgram } from './redis-program.ts';
import { runStep } from './run-step.ts';

const FOLDER = 'redis';

/** Redis and its libraries, unpacked by an earlier start. */
export function unpackedRedis(toolsDir: string): RedisProgram | undefined {
  const root = join(toolsDir, FOLDER);
  const file = join(root, 'usr', 'bin', 'redis-server');
  if (!existsSync(file)) return undefined;
  return { file, env: { LD_LIBRARY_PATH: libraryFolders(root).join(':') }, origin: `${file} (unpacked from its Debian package)` };
}

function libraryFolders(root: string): readonly string[] {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return ['usr/lib', 'lib'].flatMap((folder) => [join(root, folder, triplet), join(root, folder)]);
}

/** Redis from its Debian packages, with whatever of its dependencies is not installed; one that was unpacked earlier is replaced. */
export async function unpackRedis(options: FindOptions): Promise<RedisProgram | undefined> {
  const source: DebianSource = {
    folder: FOLDER,
    title: 'Redis',
    packages: (flags) => missingPackages(flags, options.signal),
    finish: async (root) => {
      await nameServer(root);
      await rm(join(options.toolsDir, FOLDER), { recursive: true, force: true });
    },
  };
  return (await unpackDebian(source, options)) === undefined ? undefined : unpackedRedis(options.toolsDir);
}

async function missingPackages(flags: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const limits = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const { output } = await runStep('apt-cache', [...flags, 'depends', '--recurse', ...limits, 'redis-tools'], { signal });
  const names = [...new Set(output.split('\n').filter((line) => /^[a-z0-9][a-z0-9.+-]*(:\w+)?$/.test(line)))];
  const states = await Promise.all(names.map((name) => runStep('dpkg-query', ['-W', '-f=${Status}', name], { signal })));
  const libraries = names.filter((name, index) => name.startsWith('lib') && !states[index]?.output.includes('install ok installed'));
  return ['redis-tools', 'redis-server', ...libraries];
}

/** In Debian `redis-server` is a name for `redis-check-rdb` of the package redis-tools; in its kin it may be a file of redis-server. */
async function nameServer(root: string): Promise<void> {
  const bin = join(root, 'usr', 'bin');
  if (!existsSync(join(bin, 'redis-server'))) await symlink('redis-check-rdb', join(bin, 'redis-server'));
}
