import { execFile } from 'node:child_process';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAX_TRIES = 50;

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
  let files = 0;
  return {
    folder,
    async fill() {
      // Whoever writes meanwhile takes some of the room, and then nothing is given: half of it is asked for next.
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const { bavail, bsize } = await statfs(folder);
        if (bavail === 0) return;
        const blocks = tries % 2 === 0 ? bavail : Math.ceil(bavail / 2);
        await run('fallocate', ['-l', String(blocks * bsize), `${ballast}-${String(files++)}`]).catch(() => undefined);
      }
    },
    async free() {
      for (let file = 0; file < files; file++) await rm(`${ballast}-${String(file)}`, { force: true });
    },
    async remove() {
      await run('umount', [folder]).catch(() => run('umount', ['-l', folder]));
    },
  };
}
