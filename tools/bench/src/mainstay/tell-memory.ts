import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder in which the processes of the benchmark tell their memory. */
export const MEMORY_FOLDER_VARIABLE = 'BENCH_MEMORY_FOLDER';

export function memoryFile(folder: string, pid: number): string {
  return join(folder, `memory-${pid}.json`);
}

/**
 * At SIGUSR2 collects garbage and writes what the process holds: its resident memory without the free room in V8's heap, whose size is
 * a matter of when V8 collected last. Nothing without the variable; needs `--expose-gc`.
 */
export function tellMemory(): void {
  const folder = process.env[MEMORY_FOLDER_VARIABLE];
  if (folder === undefined) return;
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    const file = memoryFile(folder, process.pid);
    writeFileSync(`${file}.new`, JSON.stringify({ heldBytes: rss - heapTotal + heapUsed }));
    renameSync(`${file}.new`, file);
  });
}
