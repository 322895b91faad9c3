import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readOptions } from './options.ts';
import type { ChaosReport } from './report/chaos-report.ts';
import { reportHtml } from './report/html.ts';
import { reportText } from './report/text.ts';
import { runChaos } from './run-chaos.ts';

jest.setTimeout(240_000);

/** Each of these ends with the fault itself, or within a second or two, so that many fit into a short drill. */
const FAULTS = [
  'worker-kill',
  'worker-term',
  'orchestrator-kill',
  'redis-empty',
  'redis-flush',
  'redis-clients',
  'postgres-kill',
  'link-reset',
  'poison-crash',
  'poison-garbage',
];

let report: ChaosReport;
const stop = new AbortController();

beforeAll(async () => {
  const options = readOptions({ durationMs: 14_000, faults: FAULTS, seed: 5, inFlight: 20 }, Math.random);
  if ('problem' in options) throw new Error(options.problem);
  report = await runChaos({ options, onProgress: () => undefined, signal: stop.signal });
});
afterAll(() => stop.abort());

describe('a short drill', () => {
  test('loses nothing, does nothing twice, and leaves nothing behind', () => {
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ ok: true, leaks: [], runs: { lost: 0, wrong: 0, refused: 0 }, steps: { duplicated: 0 } });
    expect(report.verify).toMatchObject({ ok: true, findings: [] });
  });

  test('has made faults, and work went on through them', () => {
    expect(report.faults.length).toBeGreaterThanOrEqual(3);
    expect(report.kinds.every(({ faults, survived }) => faults === survived)).toBe(true);
    expect(report.runs.accepted).toBeGreaterThan(20);
    expect(report.verify.runs).toBeGreaterThanOrEqual(report.runs.accepted);
    expect(report.throughput.reduce((sum, n) => sum + n, 0)).toBe(report.steps.done);
  });

  test('can be read, at the terminal and in a browser', () => {
    const text = reportText(report);
    expect(text).toContain('nothing was lost, nothing was done twice');
    for (const { kind } of report.kinds) expect(text).toContain(kind);
    const html = reportHtml(report);
    expect(html).toContain('<svg');
    expect(html.match(/<rect /g)?.length).toBe(2 * report.faults.length);
  });
});
