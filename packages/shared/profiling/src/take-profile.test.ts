import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { captureCpuProfile } from './capture-cpu-profile.ts';
import { pruneProfiles } from './prune-profiles.ts';
import { profileWish, takeProfile } from './take-profile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-profiles-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const GB = 1_073_741_824;
const place = (maxBytes = 4 * GB) => ({ folder: join(folder, 'profiles'), maxBytes, name: 'worker/../1' });
const never = new AbortController().signal;
const wish = { seconds: 1, intervalMicros: 1_000 } as const;

describe('takeProfile', () => {
  test('tells of an event loop that was held up', async () => {
    const timer = setTimeout(() => {
      const until = performance.now() + 200;
      while (performance.now() < until);
    }, 300);
    const taken = await takeProfile({ ...wish, kind: 'event-loop' }, place(), never);
    clearTimeout(timer);
    if (taken.kind !== 'event-loop') throw new Error('not an event loop report');
    expect(taken.report.lagMs.max).toBeGreaterThan(100);
    expect(taken.report.lagMs.p50).toBeLessThan(taken.report.lagMs.max);
    expect(taken.report.recordedMs).toBeGreaterThanOrEqual(990);
    expect(taken.report.resources).not.toEqual({});
  });

  test('writes a heap snapshot that only the owner may read, of a name that stays in its folder', async () => {
    const taken = await takeProfile({ ...wish, kind: 'heap' }, place(), never);
    if (taken.kind !== 'heap') throw new Error('not a heap snapshot');
    const { file, bytes } = taken.snapshot;
    expect(await readdir(join(folder, 'profiles'))).toEqual([file.split('/').at(-1)]);
    const { size, mode } = await stat(file);
    expect([size, mode & 0o777]).toEqual([bytes, 0o600]);
    const text = await readFile(file, 'utf8');
    expect(Object.keys(JSON.parse(text) as object)).toContain('snapshot');
  });

  test('refuses one that is too large, before and while it is written, and leaves no file', async () => {
    await expect(takeProfile({ ...wish, kind: 'heap' }, place(1_000), never)).rejects.toMatchObject({ code: 'PROFILE_TOO_LARGE' });
    const bit = process.memoryUsage().heapUsed + 1_000_000;
    // larger than the heap, smaller than the snapshot of it, which names every object and edge
    await takeProfile({ ...wish, kind: 'heap' }, place(bit), never).then(
      ({ kind }) => expect(kind).toBe('heap'),
      (error: unknown) => expect(error).toMatchObject({ code: 'PROFILE_TOO_LARGE' }),
    );
    const left = await readdir(join(folder, 'profiles')).catch(() => []);
    for (const name of left) expect((await stat(join(folder, 'profiles', name))).size).toBeLessThanOrEqual(bit);
  });

  test('does one thing at a time, of whatever kind', async () => {
    const cpu = captureCpuProfile({ ms: 1_000 });
    for (const kind of ['heap', 'event-loop', 'cpu'] as const) {
      await expect(takeProfile({ ...wish, kind }, place(), never)).rejects.toMatchObject({ code: 'PROFILE_RUNNING' });
    }
    await cpu;
  });

  test('removes old snapshots, and nothing else', async () => {
    for (const name of ['old.heapsnapshot', 'new.heapsnapshot', 'other.txt']) await writeFile(join(folder, name), '');
    const long = new Date(Date.now() - 100_000);
    for (const name of ['old.heapsnapshot', 'other.txt']) await utimes(join(folder, name), long, long);
    expect(await pruneProfiles(folder, 50_000)).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(['new.heapsnapshot', 'other.txt']);
    expect(await pruneProfiles(join(folder, 'none'), 0)).toBe(0);
  });

  test('reads what another process asks for', () => {
    expect(profileWish({ kind: 'cpu', seconds: 1, intervalMicros: 100 })).toEqual({ kind: 'cpu', seconds: 1, intervalMicros: 100 });
    expect(() => profileWish({ kind: 'core', seconds: 1, intervalMicros: 100 })).toThrow('A profile has a kind');
  });
});
