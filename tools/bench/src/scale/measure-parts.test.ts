import { describe, expect, test } from '@jest/globals';
import type { BenchServers } from '../servers/bench-servers.ts';
import { environment } from '../testing/sample-results.ts';
import { measureParts } from './measure-parts.ts';
import type { Findings, Part } from './part.ts';
import { parseScaleOptions } from './scale-options.ts';
import { scaleText } from './scale-text.ts';

const findings: Findings = {
  figures: { n: 1 },
  report: {
    tables: [{ title: 'A table', rows: [['n', '1']] }],
    demands: [
      { demand: 'n ≥ 1', measured: '1', kept: true },
      { demand: 'n ≥ 2', measured: '1', kept: false },
      { demand: 'm ≥ 1', measured: '–', kept: undefined },
    ],
  },
};
const part = (name: Part['name'], measure: Part['measure'], limitMs = 10_000): Part => ({ name, title: `part ${name}`, limitMs, measure });
const options = { servers: {} as BenchServers, quick: true, onProgress: () => undefined };

describe('measureParts', () => {
  test('goes on after a part that fails, and after one whose time is over, which it tells to stop', async () => {
    let stopped: unknown;
    const results = await measureParts(
      [
        part('growth', () => Promise.reject(new Error('no disk\nmore of it'))),
        part(
          'idle',
          ({ signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                stopped = signal.reason;
                reject(new Error('stopped'));
              });
            }),
          20,
        ),
        part('payloads', () => Promise.resolve(findings)),
      ],
      options,
    );
    expect(results).toMatchObject([{ error: 'no disk\nmore of it' }, { error: 'not done within 0.02 s' }, findings]);
    expect(String(stopped)).toContain('not done within');
    const text = scaleText({ environment, quick: true, parts: results });
    expect(text).toMatch(/^growth: measured +no disk +FAIL$/m);
    expect(text).toMatch(/^payloads: n ≥ 1 +1 +PASS$/m);
    expect(text).toMatch(/^payloads: n ≥ 2 +1 +FAIL$/m);
    expect(text).toMatch(/^payloads: m ≥ 1 +– +not measured$/m);
    expect(text).toContain('A table\nn  1');
    expect(text).toContain('Quick: small numbers');
  });
});

describe('parseScaleOptions', () => {
  test('measures everything unless it is told otherwise', () => {
    expect(parseScaleOptions([])).toEqual({
      options: {
        parts: ['growth', 'overload', 'idle', 'scale-out', 'payloads'],
        quick: false,
        json: 'tools/bench/results/scale.json',
      },
    });
    expect(parseScaleOptions(['--only', 'idle,growth', '--quick'])).toMatchObject({ options: { parts: ['growth', 'idle'], quick: true } });
  });

  test('says what is wrong, and what there is', () => {
    expect(parseScaleOptions(['--only', 'speed'])).toEqual({ problem: expect.stringContaining('--only names "speed"; there are growth') });
    expect(parseScaleOptions(['--help'])).toEqual({ help: expect.stringContaining('--only LIST') });
  });
});
