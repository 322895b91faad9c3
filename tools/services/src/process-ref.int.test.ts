import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tryExclusiveLock } from './exclusive-lock.ts';
import { endProcess, isRunning, processRef, startOf } from './process-ref.ts';

describe('process references', () => {
  test('a process that took over the number of another one is not taken for it, and not ended in its place', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid ?? 0;
    const ref = processRef(pid);
    expect(ref && isRunning(ref)).toBe(true);
    expect(await endProcess({ pid, started: 'at another time' }, ['SIGKILL'])).toBe(true);
    expect(startOf(pid)).toBe(ref?.started);
    if (ref) expect(await endProcess(ref, ['SIGKILL'])).toBe(true);
    expect(startOf(pid)).toBeUndefined();
  });

  test('a process that ignores the first signal gets the next one', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const ref = processRef(child.pid ?? 0);
    expect(ref && (await endProcess(ref, ['SIGTERM', 'SIGKILL'], 300))).toBe(true);
    expect(child.signalCode ?? 'SIGKILL').toBe('SIGKILL');
  });
});

describe('the exclusive lock', () => {
  test('only one can hold it; a holder that is killed lets go of it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'mainstay-lock-'));
    const file = join(dir, 'lock');
    const program = `import { tryExclusiveLock } from ${JSON.stringify(new URL('./exclusive-lock.ts', import.meta.url).href)};
      globalThis.lock = tryExclusiveLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => lock, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    try {
      expect(tryExclusiveLock(file)).toBeUndefined();
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    const mine = tryExclusiveLock(file);
    expect(mine).toBeDefined();
    mine?.release();
    await rm(dir, { recursive: true, force: true });
  });
});
