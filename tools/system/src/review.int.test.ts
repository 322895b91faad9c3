import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeTestFolder } from '@mainstay/services';
import { type Started, System } from './system.ts';

jest.setTimeout(240_000);

const MAINSTAY = fileURLToPath(new URL('../../../apps/cli/bin/mainstay.mjs', import.meta.url));

let system: System;
let orchestrator: Started;
let folder: string;

beforeAll(async () => {
  folder = await makeTestFolder();
  system = await System.start();
  orchestrator = await system.orchestrator();
  await system.worker(orchestrator.api);
});
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function mainstay(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [MAINSTAY, ...args], {
    env: { PATH: process.env['PATH'] ?? '', MAINSTAY_URL: orchestrator.api.url, MAINSTAY_API_KEY: system.key, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** A folder with the given files. */
async function files(name: string, contents: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, name);
  for (const [file, content] of Object.entries(contents)) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), content);
  }
  return path;
}

/** The report that the output names. */
async function report(output: string): Promise<string> {
  const url = /file:\/\/\S+\.html/.exec(output)?.[0];
  if (url === undefined) throw new Error(`The output names no report:\n${output}`);
  return readFile(fileURLToPath(url), 'utf8');
}

const repeated = Array.from({ length: 30 }, (_, i) => `export const value${i} = compute(${i}, 'a', 'b');`).join('\n');

describe('mainstay review', () => {
  test('finds what is wrong with a folder, and writes a report that says where', async () => {
    const path = await files('faulty', {
      'package.json': JSON.stringify({ name: 'faulty', version: '1.0.0', dependencies: { 'left-pad': '1.0.0' } }),
      'src/a.js': `debugger;\n${repeated}\n`,
      'src/b.js': `${repeated}\n`,
      // Put together here, so that this file holds no secret.
      'src/key.js': `export const token = '${['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')}';\n`,
    });
    const { code, output } = await mainstay('review', path, '--yes');
    expect([code, output]).toEqual([0, expect.stringMatching(/score/i)]);
    const html = await report(output);
    for (const finding of ['debugger', 'src/key.js', 'src/b.js', 'lockfile']) expect(html).toContain(finding);
    expect(html).not.toContain('a1B2c3D4e5F6');
  });

  test('of an empty folder says that there is nothing to review', async () => {
    await mkdir(join(folder, 'empty'));
    const { code, output } = await mainstay('review', join(folder, 'empty'), '--yes');
    expect([code, output]).toEqual([0, expect.stringMatching(/nothing to review/i)]);
  });

  test('of a single file reviews that file', async () => {
    const path = await files('single', { 'only.js': 'debugger;\n' });
    const { code, output } = await mainstay('review', join(path, 'only.js'), '--yes');
    expect(code).toBe(0);
    expect(await report(output)).toContain('only.js');
  });

  test('of a path that does not exist says so, and exits with 2', async () => {
    const { code, output } = await mainstay('review', join(folder, 'missing'));
    expect([code, output]).toEqual([2, expect.stringContaining(join(folder, 'missing'))]);
  });

  test('of 5,000 files gives a bounded report', async () => {
    const path = await files(
      'large',
      Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`d${i % 50}/f${i}.js`, `export const v${i} = ${i};\n`])),
    );
    const { code, output } = await mainstay('review', path, '--yes');
    expect(code).toBe(0);
    const html = await report(output);
    expect(html).toMatch(/5,?000/);
    expect(html.length).toBeLessThan(2_000_000);
  });

  test('goes on by itself when nobody answers for leaked secrets', async () => {
    const path = join(folder, 'faulty');
    const { code, output } = await mainstay('review', path);
    expect(code).toBe(0);
    expect(output).toMatch(/secret/i);
  });
});

describe('the command line', () => {
  test('shows the agents, runs a pipeline from a file, lists the run and says how it ended by its exit code', async () => {
    const path = await files('pipelines', {
      'hello.json': JSON.stringify({ name: 'hello', stages: [{ id: 'echo', agent: 'noop' }] }),
      'broken.json': JSON.stringify({ name: 'broken', stages: [{ id: 'a', agent: 'noop', needs: ['a'] }] }),
      'failing.json': JSON.stringify({
        name: 'failing',
        stages: [{ id: 'a', agent: 'fail', input: { times: 9, code: 'AGENT_REJECTED' } }],
      }),
    });
    expect((await mainstay('agents')).output).toContain('review-report');
    const hello = await mainstay('run', join(path, 'hello.json'), '--input', '{"to":"world"}', '--json');
    expect([hello.code, hello.output]).toEqual([0, expect.stringContaining('world')]);
    expect((await mainstay('runs', '--pipeline', 'hello', '--json')).output).toContain('succeeded');
    expect(await mainstay('run', join(path, 'broken.json'))).toMatchObject({
      code: 2,
      output: expect.stringContaining('/stages/0/needs/0'),
    });
    expect((await mainstay('run', join(path, 'failing.json'))).code).toBe(1);
    expect((await mainstay('show', '01890000-0000-7000-8000-000000000000')).code).toBe(5);
    expect((await mainstay('agents', '--key', 'wrong')).code).toBe(4);
    expect((await mainstay('agents', '--url', 'http://127.0.0.1:9')).code).toBe(3);
    expect((await mainstay('frobnicate')).code).toBe(2);
  });
});
