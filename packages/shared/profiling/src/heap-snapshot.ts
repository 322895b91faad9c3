import { createWriteStream } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot, getHeapStatistics } from 'node:v8';
import { DependencyError, OverloadError } from '@mainstay/types';
import { oneAtATime } from './one-at-a-time.ts';
import { pruneProfiles } from './prune-profiles.ts';

export interface HeapSnapshotOptions {
  /** Where it is written; made if it is not there. */
  readonly folder: string;
  /** Largest file. */
  readonly maxBytes: number;
  /** Begin of the file's name: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Older files of this kind in the folder are removed. Default: none. */
  readonly keepMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HeapSnapshot {
  readonly file: string;
  readonly bytes: number;
  readonly tookMs: number;
}

/** A snapshot takes about as many bytes as the heap, and up to twice as many. */
const BYTES_PER_HEAP_BYTE = 2;
/** Must be left when it has been written. */
const RESERVE_BYTES = 256 * 1_048_576;
/** What it takes at least, whatever the heap. */
const ABOUT_MS = 5_000;

/**
 * Writes a heap snapshot of this process to a file that only its owner may read: **it holds everything that the process has in memory,
 * secrets included**. The process does nothing else while V8 takes it: about a second for 100 MB of heap, and as much memory again.
 * Rejects with PROFILE_TOO_LARGE when the heap or the file is larger than it may be, DISK_FULL when the folder has no room for it,
 * PROFILE_RUNNING while another profile is recorded; then no file is left.
 */
export async function writeHeapSnapshot({ folder, maxBytes, name, keepMs, signal }: HeapSnapshotOptions): Promise<HeapSnapshot> {
  signal?.throwIfAborted();
  return await oneAtATime(ABOUT_MS, async () => {
    const { used_heap_size: heapUsed } = getHeapStatistics();
    if (heapUsed > maxBytes) throw tooLarge(heapUsed, maxBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (keepMs !== undefined) await pruneProfiles(folder, keepMs);
    await requireRoom(folder, BYTES_PER_HEAP_BYTE * heapUsed + RESERVE_BYTES);
    const begun = performance.now();
    const file = join(
      folder,
      `${name.replaceAll(/[^\w.-]/g, '_').slice(0, 150)}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.heapsnapshot`,
    );
    try {
      const bytes = await write(file, maxBytes, signal);
      return { file, bytes, tookMs: Math.round(performance.now() - begun) };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  });
}

async function write(file: string, maxBytes: number, signal: AbortSignal | undefined): Promise<number> {
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maxBytes ? tooLarge(bytes, maxBytes) : null, chunk);
    },
  });
  await pipeline(
    getHeapSnapshot(),
    counting,
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    ...(signal === undefined ? [] : [{ signal }]),
  );
  return bytes;
}

async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new DependencyError('DISK_FULL', `The folder ${folder} has ${bavail * bsize} bytes left; a heap snapshot needs ${bytes}`, {
    details: { resource: 'data-folder', freeBytes: bavail * bsize, neededBytes: bytes },
  });
}

function tooLarge(bytes: number, maxBytes: number): OverloadError {
  return new OverloadError('PROFILE_TOO_LARGE', `The heap snapshot has ${bytes} bytes or more; it may have ${maxBytes}`, {
    details: { bytes, maxBytes },
  });
}
