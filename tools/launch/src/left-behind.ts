import { readdirSync, readFileSync } from 'node:fs';

/** A process that still runs. */
export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Running processes that carry the mark `MAINSTAY_TEST_RUN=<mark>` in their environment, which every descendant of the run inherits
 * unless it was given another one. Linux only; elsewhere the list is empty.
 */
export function processesWithMark(mark: string, except: readonly number[] = [process.pid]): readonly LeftProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => !except.includes(pid))
    .flatMap((pid) => describe(pid, `MAINSTAY_TEST_RUN=${mark}`));
}

function describe(pid: number, entry: string): readonly LeftProcess[] {
  try {
    if (
      !readFileSync(`/proc/${String(pid)}/environ`, 'utf8')
        .split('\0')
        .includes(entry)
    )
      return [];
    return [
      {
        pid,
        command: readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
          .split('\0')
          .join(' ')
          .trim(),
      },
    ];
  } catch {
    return [];
  }
}
