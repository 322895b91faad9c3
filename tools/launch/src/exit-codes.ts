import { constants } from 'node:os';

/** Another process holds the data folder (EX_TEMPFAIL of sysexits). */
export const EXIT_DATA_DIR_HELD = 75;
/** The start failed, or a process died too often. */
export const EXIT_FAILED = 1;

/** The shell's convention for "ended by this signal". */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
