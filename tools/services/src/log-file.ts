import { openSync, readFileSync, renameSync, statSync } from 'node:fs';

/** A log larger than this at the start of its writer becomes `<file>.1`; the former `.1` is lost. */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** Opens a log for appending, rotating it once when it has grown too large; gives the file descriptor. */
export function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** The last lines of a log, for error messages; empty if there is none. */
export function logTail(file: string, lines = 12): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
