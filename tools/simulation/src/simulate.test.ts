import { describe, expect, jest, test } from '@jest/globals';
import { planOf } from './core/plan.ts';
import { simulate } from './simulate.ts';

jest.setTimeout(300_000);

/** A few hundred in every build; many more by the command. */
const SEEDS = 120;

describe('a simulation', () => {
  test('is a function of its seed: equal seeds have equal histories, told or not', async () => {
    for (const seed of [3, 1_416]) {
      const plan = planOf(seed);
      const first = await simulate(plan);
      const second = await simulate(planOf(seed));
      const lines: string[] = [];
      const told = await simulate(plan, { onLine: ({ what }) => lines.push(what) });
      expect(second).toEqual(first);
      expect(told).toEqual(first);
      expect(lines.length).toBeGreaterThan(100);
    }
  });

  test('of another seed is another history', async () => {
    const [one, other] = [await simulate(planOf(1)), await simulate(planOf(2))];
    expect(one.hash).not.toBe(other.hash);
  });

  test('breaks no rule', async () => {
    const broken = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation } = await simulate(planOf(seed));
      if (violation !== undefined) broken.push({ seed, ...violation });
    }
    expect(broken).toEqual([]);
  });
});
