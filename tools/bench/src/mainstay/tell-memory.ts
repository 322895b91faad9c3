import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder in which the processes of the benchmark tell their memory. */
export const MEMORY_FOLDER_VARIABLE = 'BENCH_MEMORY_FOLDER';

export function memoryFile(folder: string, pid: number): string {
  return join(folder, `memory-${pid}.json`);
}

/**
 * At SIGUSR2 collects garbage and writes what the process holds: its own resident memory without the free room in V8's heap, whose size is
 * a matter of when V8 collected last, and without pages of files, which the system drops and reads again as it likes. Nothing without the
 * variable; needs `--expose-gc`.
 */
export function tellMemory(): void {
  const folder = process.env[MEMORY_FOLDER_VARIABLE];
  if (folder === undefined) return;
  process.on('SIGUSR2', () => {
    // any other collection keeps the pages that it frees for later: tens of MB, by chance of what was freed when
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    const own = anonymousBytes() ?? rss;
    const file = memoryFile(folder, process.pid);
    writeFileSync(`${file}.new`, JSON.stringify({ heldBytes: own - heapTotal + heapUsed }));
    renameSync(`${file}.new`, file);
  });
}

/** Undefined where the machine does not tell it apart. */
function anonymousBytes(): number | undefined {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
