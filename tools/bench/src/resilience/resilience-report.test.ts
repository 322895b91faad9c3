import { describe, expect, test } from '@jest/globals';
import { parseResilienceOptions } from './resilience-options.ts';
import { type BreakersTaken, resilienceBars, type ResilienceResults, resilienceText } from './resilience-report.ts';
import { BARE, breakerNamed, FACADE, OURS, ours, peerNames, subjectNamed, subjectNames, THEIRS } from './subjects.ts';

const MIB = 1_048_576;
const taken = (name: string, rss: number, timers: number): BreakersTaken => ({
  name,
  use: 'idle',
  kept: 10_000,
  heapBytes: 5 * MIB,
  rssBytes: rss * MIB,
  timers,
});

const results = (changes: Partial<ResilienceResults> = {}): ResilienceResults => ({
  at: '2026-01-01T00:00:00.000Z',
  node: 'v24.0.0',
  cpu: 'a processor',
  cores: 2,
  load: 0.1,
  quick: false,
  calls: { [BARE]: [60, 50, 70], [OURS]: [700, 600, 900], [FACADE]: [3_000], [THEIRS]: [7_000, 7_100, 6_900] },
  cpuCalls: { [BARE]: [60], [OURS]: [750, 700, 800], [FACADE]: [2_900, 3_100], [THEIRS]: [7_500] },
  breakers: [taken('Mainstay', 20, 0), taken('opossum', 120, 10_000)],
  ...changes,
});

describe('the report of bench:resilience', () => {
  test('tells medians, ranges, what breakers take, and whether the bars are kept', () => {
    const text = resilienceText(results());
    expect(text).toMatch(new RegExp(`${OURS.replace(/[()]/g, '\\$&')} +700 +600–900 +750 +700–800 +12\\.5 ×`));
    expect(text).toMatch(/opossum, idle +10000 +5\.0 +120\.0 +10000/);
    expect(resilienceBars(results())).toEqual([
      { demand: `${OURS}: ≤ 1600 ns of CPU`, measured: '750 ns', kept: true },
      { demand: `${OURS}: ≤ 0.3 × ${THEIRS}`, measured: '0.10 ×', kept: true },
      { demand: `${FACADE}: ≤ 5000 ns of CPU`, measured: '3000 ns', kept: true },
      { demand: '10,000 breakers: ≤ 60 MiB', measured: '20.0 MiB', kept: true },
      { demand: 'timers of 10,000 breakers: none', measured: '0', kept: true },
    ]);
  });

  test('says so when a bar is not kept, or was not measured', () => {
    const slow = results({ cpuCalls: { [OURS]: [2_000], [FACADE]: [5_001], [THEIRS]: [3_000] }, breakers: [taken('Mainstay', 61, 1)] });
    expect(resilienceBars(slow).map(({ kept }) => kept)).toEqual([false, false, false, false, false]);
    expect(resilienceText(slow)).toContain('FAIL');
    expect(resilienceBars(results({ cpuCalls: {} })).map(({ kept }) => kept)).toEqual([false, false, false, true, true]);
  });

  test('warns when it was quick', () => {
    expect(resilienceText(results({ quick: true }))).toContain('Quick');
  });
});

describe('the subjects', () => {
  test('of ours call the work and give what it gives', async () => {
    for (const name of Object.keys(ours)) {
      let calls = 0;
      const call = (await subjectNamed(name))(async () => Promise.resolve((calls += 1)));
      await expect(call()).resolves.toBe(1);
    }
    const guarded = (await breakerNamed('Mainstay'))('dependency');
    await expect(guarded(async () => Promise.resolve(7))).resolves.toBe(7);
  });

  test('have names of their own', () => {
    expect(new Set(subjectNames).size).toBe(Object.keys(ours).length + peerNames.length);
    expect(subjectNames).toEqual(expect.arrayContaining([BARE, OURS, THEIRS]));
  });
});

describe('parseResilienceOptions', () => {
  test('measures in five processes, in one when quick, or as told', () => {
    const of = (...args: string[]) => parseResilienceOptions(args);
    expect(of()).toEqual({ options: { rounds: 5, quick: false, json: 'tools/bench/results/resilience.json' } });
    expect(of('--quick')).toMatchObject({ options: { rounds: 1, quick: true } });
    expect(of('--rounds', '3', '--json', 'x.json')).toMatchObject({ options: { rounds: 3, json: 'x.json' } });
    expect(of('--help')).toMatchObject({ help: expect.stringContaining('npx nx run bench:resilience') });
  });

  test.each([['--rounds', '0'], ['--rounds', 'many'], ['--rounds', '101'], ['--unknown']])('refuses %s %s', (...args) => {
    expect(parseResilienceOptions(args)).toMatchObject({ problem: expect.stringContaining('See --help.') });
  });
});
