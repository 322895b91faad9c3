import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportProfiles } from './report-profiles.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mainstay-profile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every profile in a folder becomes lists and a flame graph beside it', () => {
  const frame = (functionName: string, url: string) => ({ functionName, scriptId: '1', url, lineNumber: 9, columnNumber: 0 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)', ''), children: [2] },
      { id: 2, callFrame: frame('step', 'file:///somewhere/packages/agent/src/run.ts') },
    ],
    samples: [2, 2],
    timeDeltas: [1_000, 3_000],
    startTime: 0,
    endTime: 4_000,
  };
  writeFileSync(join(folder, 'worker.cpuprofile'), JSON.stringify(profile));
  writeFileSync(join(folder, 'notes.txt'), 'no profile');
  const text = reportProfiles(folder);
  expect(text).toMatch(/^worker\.cpuprofile: .*worker\.svg\npackages\/agent\/src +4 ms +100\.0 %\n/);
  expect(readFileSync(join(folder, 'worker.svg'), 'utf8')).toMatch(/^<svg/);
});
