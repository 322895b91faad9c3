import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { System } from '@mainstay/system';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { between, codeBlocks } from './markdown.ts';
import { textOf } from './repository.ts';

jest.setTimeout(120_000);
const run = promisify(execFile);

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.close());

test('the first steps of README.md work as they stand, but for the address and the key', async () => {
  const { api } = await system.orchestrator();
  await system.worker(api);
  const [block] = codeBlocks(between(textOf('README.md'), 'executed') ?? '');
  const lines = (block?.text ?? '').split('\n').filter((line) => !/^(?:BASE|KEY)=/.test(line));
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', lines.join('\n')], {
    env: { ...process.env, BASE: api.url, KEY: api.key },
  });
  expect(stdout).toContain('"version":1');
  expect(stdout).toContain('event: run.succeeded');
  expect(stdout).toMatch(/"output":\{"greet":\{"text":"Hello Ann, I slept 300 ms"\}\}/);
});
