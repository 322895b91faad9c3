import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readOptions } from '../options.ts';
import { seededRandom } from '../random.ts';
import { ALL_KINDS, FAULT_GROUPS, kindsOf } from './kinds.ts';
import { kindsText } from './kinds-text.ts';
import { planFaults, type PlannedFault } from './plan.ts';

function first(count: number, seed: number): PlannedFault[] {
  const plan = planFaults(ALL_KINDS, seededRandom(seed));
  return Array.from({ length: count }, () => plan.next().value);
}

describe('the plan', () => {
  test('follows from the seed', () => {
    expect(first(100, 7)).toEqual(first(100, 7));
    expect(first(100, 7)).not.toEqual(first(100, 8));
  });

  test('has every kind once before any comes again', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4_294_967_295 }), (seed) => {
        const plan = first(2 * ALL_KINDS.length, seed).map(({ kind }) => kind);
        expect(new Set(plan.slice(0, ALL_KINDS.length)).size).toBe(ALL_KINDS.length);
        expect(new Set(plan.slice(ALL_KINDS.length)).size).toBe(ALL_KINDS.length);
      }),
      { numRuns: 50 },
    );
  });

  test('stops workers for longer than their lease of 4 s, and cuts links for as long', () => {
    for (const { kind, holdMs } of first(500, 1)) if (kind === 'worker-stop' || kind === 'link-cut') expect(holdMs).toBeGreaterThan(4_000);
  });
});

describe('names of faults', () => {
  test('are listed for the help, every kind and every group once', () => {
    const text = kindsText();
    const words = text.split(/[\s,]+/);
    const lines = text.split('\n').map((line) => line.trim().split(' ', 1)[0]);
    for (const kind of ALL_KINDS) expect([kind, words.filter((word) => word === kind)]).toEqual([kind, [kind]]);
    for (const group of Object.keys(FAULT_GROUPS)) expect([group, lines.filter((name) => name === group)]).toEqual([group, [group]]);
  });

  test('are kinds or groups', () => {
    expect(kindsOf(['redis-flush', 'disk', 'redis-flush'])).toEqual(['redis-flush', 'disk-full-postgres', 'disk-full-redis']);
    expect(kindsOf(['nonsense'])).toEqual({ unknown: 'nonsense' });
    expect(kindsOf(Object.keys(FAULT_GROUPS))).toEqual(expect.arrayContaining([...ALL_KINDS]));
  });

  test('and numbers of options are checked', () => {
    expect(readOptions({ faults: ['all'] }, () => 0.5)).toMatchObject({ seed: 2_147_483_648, durationMs: 120_000, rolling: false });
    expect(readOptions({ faults: ['rolling'] }, () => 0)).toMatchObject({ rolling: true });
    expect(readOptions({ durationMs: 0 }, () => 0)).toMatchObject({ problem: expect.stringContaining('durationMs') });
    expect(readOptions({ faults: ['x'] }, () => 0)).toMatchObject({ problem: expect.stringContaining('"x"') });
  });
});
