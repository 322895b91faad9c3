import { execFile } from 'node:child_process';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small file system of one's own, in memory, that can be filled and emptied. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that there is. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts one; undefined where this user may not. */
export async function mountSmallDisk(folder: string, bytes: number): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)},mode=0711`, 'tmpfs', folder]);
  } catch {
    return undefined;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    async fill() {
      const { bavail, bsize } = await statfs(folder);
      await run('fallocate', ['-l', String(Math.max(bsize, bavail * bsize)), ballast]).catch(() => undefined);
    },
    free: () => rm(ballast, { force: true }),
    async remove() {
      await run('umount', [folder]).catch(() => run('umount', ['-l', folder]));
    },
  };
}
