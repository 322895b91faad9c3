import { describe, expect, test } from '@jest/globals';
import { environment } from '../testing/sample-results.ts';
import type { ArmName } from './arm.ts';
import type { Generation } from './measure-pair.ts';
import { pairFigures } from './pair-figures.ts';
import { parsePairOptions } from './pair-options.ts';
import { pairBars, type PairBars, pairText } from './pair-report.ts';
import type { Slice } from './slice.ts';

const MIB = 1_048_576;
const slice = (arm: ArmName, stepsPerSecond: number, mib: number, micros = 100): Slice => ({
  arm,
  stepsPerSecond,
  cpuMicros: { orchestrator: micros, worker: 50 },
  residentBytes: { orchestrator: mib * MIB, worker: 100 * MIB },
  scrapes: 1,
});
const bars: PairBars = { subject: 'it', leastThroughput: 0.99, mostBytes: 20 * MIB };
const of = (slices: readonly Slice[], held = 0): Generation => ({ slices, heldBytes: { off: 100 * MIB, on: (100 + held) * MIB } });
const generations = [
  of([slice('off', 1_000, 200), slice('on', 990, 210), slice('on', 2_000, 212), slice('off', 2_000, 200)], 5),
  of([slice('on', 3_000, 220, 110), slice('off', 2_000, 200)], 8),
];

describe('a comparison of two arms', () => {
  test('compares each turn with the turn of the other arm beside it, and memory by processes', () => {
    const figures = pairFigures(generations);
    expect(figures.pairs).toBe(3);
    expect(figures.throughput).toEqual({ median: (1_495 / 1_500 + 1.5) / 2, min: 1_495 / 1_500, max: 1.5 });
    expect(figures.meanThroughput).toBeCloseTo((1_495 / 1_500 + 1.5) / 2);
    expect(figures.throughputError).toBeCloseTo(1.96 * ((1.5 - 1_495 / 1_500) / 2));
    expect(figures.heldBytes).toEqual({ median: 6.5 * MIB, min: 5 * MIB, max: 8 * MIB });
    expect(figures.residentBytes).toEqual({ median: 15.5 * MIB, min: 11 * MIB, max: 20 * MIB });
    expect(figures.cpu.max).toBeCloseTo(160 / 150);
    expect(pairBars(figures, bars).map(({ kept }) => kept)).toEqual([true, true]);
  });

  test('leaves out a turn that has no other beside it', () => {
    expect(pairFigures([of([slice('off', 1_000, 200), slice('on', 500, 200), slice('off', 9, 200)])]).pairs).toBe(1);
    expect(() => pairFigures([of([slice('off', 1_000, 200)])])).toThrow('nothing was measured');
  });

  test('says which bar was not kept', () => {
    const slow = [of([slice('off', 1_000, 200), slice('on', 989, 221)], 21)];
    const text = pairText(
      { environment, quick: true, generations: slow, notes: ['a note'], bars: [{ demand: 'more', measured: '1', kept: true }] },
      bars,
    );
    expect(text).toMatch(/it: ≥ 99\.0 % of the steps\/s without +98\.9 % ± .+FAIL/);
    expect(text).toMatch(/it: ≤ 20\.0 MiB more memory.+21\.0 MiB +FAIL/);
    expect(text).toMatch(/^more +1 +PASS$/m);
    expect(text).toContain('a note');
    expect(text).toContain('Quick');
  });
});

describe('parsePairOptions', () => {
  const parsed = (...args: string[]) => parsePairOptions(args, 'facade', 'Measures.');

  test('has a bounded plan, which can be changed', () => {
    expect(parsed()).toMatchObject({ options: { plan: { generations: 5, load: { inFlight: 200 }, limitMs: 240_000 }, quick: false } });
    expect(parsed('--quick')).toMatchObject({ options: { plan: { generations: 1, slices: 2 }, json: 'tools/bench/results/facade.json' } });
    expect(parsed('--in-flight', '16', '--runs', '50', '--processes', '2', '--slices', '3', '--seconds', '60')).toMatchObject({
      options: { plan: { generations: 2, slices: 3, load: { runs: 50, inFlight: 16 }, limitMs: 60_000 } },
    });
    expect(parsed('--help')).toEqual({ help: expect.stringContaining('npx nx run bench:facade') });
  });

  test.each([['--runs', '0'], ['--slices', 'many'], ['--unknown']])('refuses %s %s', (...args) => {
    expect(parsed(...args)).toEqual({ problem: expect.stringContaining('See --help.') });
  });
});
