import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { freePort, makeTestFolder } from '@mainstay/services';

jest.setTimeout(180_000);

const START = fileURLToPath(new URL('../../launch/src/start.ts', import.meta.url));

let folder: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = await makeTestFolder();
  port = await freePort();
  await mkdir(join(folder, 'data'), { recursive: true });
  // The sample review has a test of its own.
  await writeFile(join(folder, 'data', 'first-review.done'), '');
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Start {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

function start(): Start {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), MAINSTAY_DATA_DIR: join(folder, 'data') };
  const child = spawn(process.execPath, [START], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, exit: once(child, 'exit').then(([code]) => code as number | null) };
}

async function until(holds: () => Promise<boolean> | boolean, what: () => string, withinMs = 90_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const serving = ({ output }: Start): Promise<void> => until(() => output().includes('Serving at'), output);

/** Command lines of processes that have to do with the data folder of this test. */
async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch((): string[] => [])) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (`${command ?? ''} ${environment ?? ''}`.includes(folder)) found.push((command ?? '').replaceAll('\0', ' '));
  }
  return found;
}

const nothingLeft = (): Promise<void> =>
  until(
    async () => (await leftovers()).length === 0,
    () => 'processes are left behind',
    60_000,
  );

describe('npm start', () => {
  test('comes up on a bare folder, tells the address and a key that works, and ends with 0 on Ctrl-C, leaving nothing behind', async () => {
    const first = start();
    await serving(first);
    const key = /admin key +(\S+)/.exec(first.output())?.[1] ?? '';
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/agents`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
    await nothingLeft();
  });

  test('a second start in the same folder says who holds it, and exits with 75', async () => {
    const first = start();
    await serving(first);
    const second = start();
    expect(await second.exit).toBe(75);
    expect(second.output()).toContain(String(first.child.pid));
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  test('killed with kill -9 it takes everything along, and the next start goes on', async () => {
    const first = start();
    await serving(first);
    first.child.kill('SIGKILL');
    await nothingLeft();
    const second = start();
    await serving(second);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    await nothingLeft();
  });
});
