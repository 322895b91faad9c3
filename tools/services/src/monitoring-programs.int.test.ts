import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findMonitoring, MONITORING_MISSING } from './monitoring-programs.ts';
import { makeTestFolder } from './test-folder.ts';
import { TOOLS_DIR } from './app-node.ts';

let dir: string;
beforeAll(async () => {
  dir = await makeTestFolder();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('Prometheus and Alertmanager are found or fetched, and found again without a fetch', async () => {
  const lines: string[] = [];
  const options = { toolsDir: TOOLS_DIR, onProgress: (line: string) => void lines.push(line) };
  const first = await findMonitoring(options);
  if (first === undefined) {
    console.warn(MONITORING_MISSING);
    return;
  }
  expect(first.origin).toMatch(/prometheus \d+\.\d+/);
  lines.length = 0;
  expect(await findMonitoring(options)).toEqual(first);
  expect(lines).toEqual([]);
}, 300_000);

test('where nothing can be found and fetched there is none', async () => {
  const aborted = AbortSignal.abort(new Error('no time'));
  await expect(findMonitoring({ toolsDir: join(dir, 'none'), onProgress: () => undefined, signal: aborted })).rejects.toThrow('no time');
});
