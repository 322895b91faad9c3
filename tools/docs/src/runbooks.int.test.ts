import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, makeTestFolder } from '@mainstay/services';
import { type ApiClient, System } from '@mainstay/system';
import { codeBlocks } from './markdown.ts';
import { ROOT, textOf } from './repository.ts';

jest.setTimeout(120_000);
const run = promisify(execFile);
const AT_ONCE = 4;

let folder: string;
let system: System;
let api: ApiClient;
let letter: string;
let management: number;
beforeAll(async () => {
  folder = await makeTestFolder('mainstay-runbooks-');
  system = await System.start();
  management = await freePort();
  ({ api } = await system.orchestrator({ env: { MANAGEMENT_PORT: String(management) } }));
  await system.worker(api);
  await api.put({
    name: 'fails',
    stages: [{ id: 'a', agent: 'fail', input: { times: 9 }, retry: { maxAttempts: 1 } }],
  } as { name: string });
  await api.ended(await api.submit('fails'));
  const { items } = await api.json<{ items: { id: string }[] }>('GET', '/api/v1/dead-letters');
  letter = items[0]?.id ?? '';
});
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every command of the runbooks once, as it is run, with the pages that it stands on. */
function commands(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const page of readdirSync(join(ROOT, 'docs/runbooks')))
    for (const { language, text } of codeBlocks(textOf(`docs/runbooks/${page}`)))
      if (language === 'sh') for (const line of text.split('\n').map(filledIn)) found.set(line, [...(found.get(line) ?? []), page]);
  return found;
}

/** The command as it stands, with what the reader has to put in, and without waiting for long. */
function filledIn(command: string): string {
  return command
    .replaceAll('npx mainstay', 'mainstay')
    .replaceAll('<dead-letter>', letter)
    .replaceAll('http://127.0.0.1:9464', `http://127.0.0.1:${management}`)
    .replaceAll(/--seconds \d+/g, '--seconds 1');
}

async function problemOf(command: string): Promise<string | undefined> {
  const { NODE_OPTIONS: _unused, ...own } = process.env;
  const env = {
    ...own,
    PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    ...{ BASE: api.url, KEY: api.key, MAINSTAY_URL: api.url, MAINSTAY_API_KEY: api.key, DATABASE_URL: system.postgres.url },
  };
  try {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', command], { env, cwd: folder, timeout: 60_000 });
    return stdout.trim() === '' ? 'it printed nothing' : undefined;
  } catch (error) {
    // it found something: that is what it is for
    if (command.startsWith('mainstay doctor') && isFinding(error)) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Exit code 1, and what is wrong. */
function isFinding(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 1 && 'stdout' in error && error.stdout !== '';
}

test('every command of the runbooks works against a running system', async () => {
  const waiting = [...commands()];
  expect(waiting.length).toBeGreaterThan(10);
  const problems: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [command, pages] = next;
      const problem = await problemOf(command);
      if (problem !== undefined) problems.push({ command, pages, problem });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(problems).toEqual([]);
});
