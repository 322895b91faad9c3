import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { MARKERS } from './planted.ts';

/** Name of the variable that says in which file tests note what leaked; without it nothing is noted. */
export const LEAK_NOTES = 'MAINSTAY_TEST_LEAKS';
/** Name of the variable that a process has of which it is wanted that secrets leak, to show that they are found. */
export const LEAKS_WANTED = 'MAINSTAY_TEST_LEAKS_WANTED';

/** Notes that planted secrets were found; they themselves are left out of `where`. */
export function noteLeak(where: string, env: Readonly<Record<string, string | undefined>> = process.env): void {
  const file = env[LEAK_NOTES];
  if (file !== undefined) appendFileSync(file, `${shown(where)}\n`);
}

/** Where planted secrets were found, each place once, with how often. */
export function notedLeaks(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const places = Map.groupBy(readFileSync(file, 'utf8').trimEnd().split('\n'), (where) => where);
  return [...places].map(([where, times]) => `${where} (${String(times.length)} times)`);
}

function shown(where: string): string {
  return MARKERS.reduce((text, marker) => text.replaceAll(marker, '***'), where.replaceAll('\n', ' '));
}
