import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../faults/inject.ts';
import type { StepLine, StepSign } from '../steps/step-lines.ts';
import { lowerBound, recoveries, spreadOf, summarize } from './recovery.ts';

const line = (at: number, sign: StepSign, pid: number, run: string): StepLine => ({ at, sign, pid, run, task: 'a' });
/** A step is done every 50 ms by process 9. */
const steady = (from: number, to: number): StepLine[] =>
  Array.from({ length: Math.floor((to - from) / 50) }, (_, index) => line(from + index * 50, 'd', 9, `r${from + index}`));
const kill: Fault = { kind: 'worker-kill', victim: 'worker-1', pids: [1], beginAt: 5_000, endAt: 5_000 };

function inOrder(lines: readonly StepLine[]): readonly StepLine[] {
  return [...lines].sort((a, b) => a.at - b.at);
}

describe('the time to recover', () => {
  test('lasts until each interrupted step began elsewhere', () => {
    const steps = inOrder([
      ...steady(0, 10_000),
      line(4_900, 'b', 1, 'x'),
      line(4_950, 'b', 1, 'y'),
      line(5_600, 'b', 2, 'x'),
      line(5_900, 'b', 3, 'y'),
    ]);
    expect(recoveries([kill], steps)).toEqual([{ firstStepMs: 0, recoveredMs: 900, interrupted: 2, alone: true }]);
  });

  test('does not count what the victim had done, or given up', () => {
    const steps = inOrder([
      ...steady(0, 10_000),
      line(4_000, 'b', 1, 'x'),
      line(4_100, 'd', 1, 'x'),
      line(4_200, 'b', 1, 'y'),
      line(4_300, 'x', 1, 'y'),
    ]);
    expect(recoveries([kill], steps)[0]?.interrupted).toBe(0);
  });

  test('is not taken for over while a step is missing', () => {
    const steps = inOrder([...steady(0, 10_000), line(4_900, 'b', 1, 'x'), line(6_000, 'b', 1, 'x')]);
    expect(recoveries([kill], steps)[0]?.recoveredMs).toBeUndefined();
  });

  test('lasts until the pace is back, from the end of faults that stop everything', () => {
    const outage: Fault = { kind: 'redis-kill', victim: 'redis', pids: [], beginAt: 5_000, endAt: 6_000 };
    const [recovery] = recoveries([outage], [...steady(0, 5_000), ...steady(7_000, 9_000)]);
    expect(recovery?.firstStepMs).toBe(1_000);
    expect(recovery?.recoveredMs).toBe(1_200);
  });

  test('of a poisoned run is counted from the moment that a worker takes it, and with what that worker had', () => {
    const poison: Fault = { kind: 'poison-crash', victim: 'a worker', pids: [], run: 'p', beginAt: 4_000, endAt: 4_100 };
    const steps = inOrder([
      ...steady(0, 10_000),
      line(4_900, 'b', 1, 'x'),
      line(5_000, 'b', 1, 'p'),
      line(5_600, 'b', 2, 'x'),
      line(5_700, 'b', 2, 'p'),
    ]);
    expect(recoveries([poison], steps)).toMatchObject([{ recoveredMs: 700, interrupted: 2 }]);
  });

  test('is that of one kind only where no other fault was felt', () => {
    const later: Fault = { ...kill, kind: 'worker-term', beginAt: 5_100, endAt: 5_100 };
    const steps = inOrder([...steady(0, 10_000), line(4_900, 'b', 1, 'x'), line(5_600, 'b', 2, 'x')]);
    const all = recoveries([kill, later, { ...kill, beginAt: 8_000, endAt: 8_000 }], steps);
    expect(all.map(({ alone }) => alone)).toEqual([false, false, true]);
    expect(summarize([kill, later, { ...kill, beginAt: 8_000, endAt: 8_000 }], all)).toMatchObject([
      { kind: 'worker-kill', faults: 2, alone: 1, survived: 2, held: true },
      { kind: 'worker-term', faults: 1, alone: 0, survived: 1, recoveredMs: undefined },
    ]);
  });
});

test('spreads are by nearest rank', () => {
  expect(spreadOf(Array.from({ length: 100 }, (_, index) => index + 1))).toEqual({ p50: 50, p99: 99, max: 100 });
  expect(spreadOf([])).toBeUndefined();
  expect([lowerBound([1, 3, 3, 5], 3), lowerBound([1, 3], 9), lowerBound([], 1)]).toEqual([1, 2, 0]);
});
