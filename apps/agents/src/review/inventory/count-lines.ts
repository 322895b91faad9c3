import { open } from 'node:fs/promises';

export interface LineCount {
  readonly binary: boolean;
  /** null: binary, or larger than the limit. */
  readonly lines: number | null;
}

const CHUNK_BYTES = 64 * 1024;
const PROBE_BYTES = 8 * 1024;
const NEWLINE = 10;

/** Larger files are weighed but not read. */
export const MAX_COUNTED_BYTES = 16 * 1024 * 1024;

function newlines(chunk: Uint8Array): number {
  let found = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) found += 1;
  return found;
}

/** Counts lines in constant memory. A file with a NUL byte near its start is binary. A last line needs no newline to count. */
export async function countLines(path: string, bytes: number, signal: AbortSignal): Promise<LineCount> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(bytes, PROBE_BYTES)));
    let lines = 0;
    let read = 0;
    let last = NEWLINE;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      if (read === 0 && chunk.subarray(0, PROBE_BYTES).includes(0)) return { binary: true, lines: null };
      read += bytesRead;
      if (read > MAX_COUNTED_BYTES || bytes > MAX_COUNTED_BYTES) return { binary: false, lines: null };
      lines += newlines(chunk);
      last = chunk[bytesRead - 1] ?? NEWLINE;
    }
    return { binary: false, lines: last === NEWLINE ? lines : lines + 1 };
  } finally {
    await file.close();
  }
}
