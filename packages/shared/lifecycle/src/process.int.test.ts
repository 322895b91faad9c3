import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHealth } from './health.ts';
import { watchParent } from './watch-parent.ts';

const INDEX = new URL('./index.ts', import.meta.url).href;
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs the text as a module of its own process, with an open pipe as descriptor 3. */
function run(body: string) {
  const text = `import { createLifecycle, installSignals, watchParent } from ${JSON.stringify(INDEX)};\n${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdio[1] ?? process.stdin });
  reader.on('line', (line) => lines.push(line));
  const line = async (expected: string) => {
    while (!lines.includes(expected)) await once(reader, 'line');
  };
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code, lines }));
  return { child, line, ended };
}

const READY = `
  const lifecycle = createLifecycle({ graceMs: 10_000 });
  const alive = setInterval(() => {}, 1_000);
  lifecycle.add({ name: 'part', drain: DRAIN, stop: () => { clearInterval(alive); console.log('stopped'); } });
  await lifecycle.start();
  installSignals(lifecycle);
  console.log('ready');
`;

describe('a process with a lifecycle', () => {
  test('ends in order with 0 on SIGTERM', async () => {
    const { child, line, ended } = run(READY.replace('DRAIN', `() => console.log('drained')`));
    await line('ready');
    child.kill('SIGTERM');
    await expect(ended).resolves.toEqual({ code: 0, lines: ['ready', 'drained', 'stopped'] });
  });

  test('ends at once with 130 on a second signal', async () => {
    const { child, line, ended } = run(READY.replace('DRAIN', `() => { console.log('draining'); return new Promise(() => {}); }`));
    await line('ready');
    child.kill('SIGTERM');
    await line('draining');
    child.kill('SIGINT');
    await expect(ended).resolves.toMatchObject({ code: 130 });
  });

  test('ends although a disk hangs: its handlers of exit run, and it kills itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstay-hangs-'));
    const pipe = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    const hang = `const { writeFile } = await import('node:fs/promises');
      process.on('exit', (code) => console.log('exit', code));
      void writeFile(${JSON.stringify(pipe)}, 'never taken');`;
    try {
      const { child, line, ended } = run(hang + READY.replace('DRAIN', `() => console.log('drained')`));
      await line('ready');
      const since = performance.now();
      child.kill('SIGTERM');
      await expect(ended).resolves.toEqual({ code: null, lines: ['ready', 'drained', 'stopped', 'exit 0'] });
      expect(performance.now() - since).toBeLessThan(8_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('stops its components and ends with 1 on an uncaught error', async () => {
    const crash = `\nsetImmediate(() => { throw new Error('uncaught, as this test wants'); });`;
    const { ended } = run(READY.replace('DRAIN', '() => {}') + crash);
    await expect(ended).resolves.toEqual({ code: 1, lines: ['ready', 'stopped'] });
  });
});

describe('watchParent', () => {
  const WATCHING = `watchParent(3, () => { console.log('gone'); process.exit(7); });\nconsole.log('watching');\n`;

  test('notices the end of the pipe to the parent', async () => {
    const { child, line, ended } = run(`${WATCHING}setInterval(() => {}, 1_000);`);
    await line('watching');
    child.stdio[3]?.destroy();
    await expect(ended).resolves.toEqual({ code: 7, lines: ['watching', 'gone'] });
  });

  test('does not keep the process alive', async () => {
    const { ended } = run(WATCHING);
    await expect(ended).resolves.toEqual({ code: 0, lines: ['watching'] });
  });

  test('watches nothing without a descriptor', () => {
    expect(() => {
      watchParent(undefined, () => undefined)();
    }).not.toThrow();
  });

  test('refuses a descriptor that is not a pipe', () => {
    const fd = openSync(new URL(import.meta.url), 'r');
    try {
      expect(() => watchParent(fd, () => undefined)).toThrow(`MAINSTAY_PARENT_FD is ${fd}, which is not an open pipe or socket`);
    } finally {
      closeSync(fd);
    }
  });
});

describe('createHealth on the real clock', () => {
  test('answers although a check never does', async () => {
    const health = createHealth({
      lifecycle: { state: 'ready', logger: undefined },
      checks: { stuck: { check: () => new Promise<void>(() => undefined) } },
    });
    await expect(health.ready()).resolves.toMatchObject({
      status: 'down',
      checks: { stuck: { status: 'down', code: 'OPERATION_TIMEOUT' } },
    });
  });
});
