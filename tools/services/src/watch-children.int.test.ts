import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LEAK_NOTES, LEAKS_WANTED, notedLeaks } from './leak-notes.ts';
import { MARKERS, PLANTED, PLANTED_PASSWORD } from './planted.ts';
import { watchChildren } from './watch-children.ts';

const run = promisify(execFile);
let folder: string;
let notes: string;
let before: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mainstay-leaks-'));
  notes = join(folder, 'leaks.txt');
  before = process.env[LEAK_NOTES];
  process.env[LEAK_NOTES] = notes;
});
afterEach(() => {
  if (before === undefined) Reflect.deleteProperty(process.env, LEAK_NOTES);
  else process.env[LEAK_NOTES] = before;
  rmSync(folder, { recursive: true });
});

/** Prints its arguments, each in a piece of its own; those that begin with `!` as errors. */
const PRINT = `for (const piece of process.argv.slice(1)) {
  if (piece.startsWith('!')) process.stderr.write(piece); else process.stdout.write(piece);
  await new Promise((resolve) => setTimeout(resolve, 20)); }`;
const args = (...pieces: readonly string[]) => ['--input-type=module', '-e', PRINT, ...pieces];

describe('watchChildren', () => {
  test('finds what children print, also in two pieces and as an error, and whoever reads it gets all of it', async () => {
    watchChildren();
    const { stdout } = await run(process.execPath, args('a ', PLANTED.slice(0, 5), `${PLANTED.slice(5)}-x`));
    expect(stdout).toBe(`a ${PLANTED}-x`);
    const child = spawn(process.execPath, args('fine', `!${PLANTED_PASSWORD}`));
    child.stderr.setEncoding('utf8');
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect([output, errors]).toEqual(['fine', `!${PLANTED_PASSWORD}`]);
    const found = notedLeaks(notes);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^output of .* \(1 times\)$/);
    expect(found[1]).toMatch(/^errors of /);
    for (const marker of MARKERS) expect(found.join()).not.toContain(marker);
  });

  test('notes nothing of others, nor of one of which it is wanted', async () => {
    await run(process.execPath, args('fine', `${PLANTED.slice(0, -1)}-`));
    await run(process.execPath, args(PLANTED), { env: { [LEAKS_WANTED]: '1' } });
    expect(notedLeaks(notes)).toEqual([]);
  });
});
