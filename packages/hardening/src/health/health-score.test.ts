import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profiles } from '../profiles/profiles.ts';
import { calmSample } from '../testing/samples.ts';
import { ownComponents } from './components.ts';
import { decline, healthScore } from './health-score.ts';

const component = fc.record({
  name: fc.string(),
  value: fc.double({ min: -1, max: 2 }),
  weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
  vital: fc.boolean(),
});

describe('healthScore', () => {
  test('is 1 of nothing and of what is all well', () => {
    expect(healthScore([])).toEqual({ score: 1, costs: [] });
    expect(healthScore([{ name: 'a', value: 1 }]).score).toBe(1);
  });

  test('says which component cost how much, the dearest first', () => {
    const { score, costs } = healthScore([
      { name: 'small', value: 0.5 },
      { name: 'large', value: 0.5, weight: 3 },
    ]);
    expect(score).toBe(0.5);
    expect(costs).toEqual([
      { name: 'large', value: 0.5, cost: 0.375 },
      { name: 'small', value: 0.5, cost: 0.125 },
    ]);
  });

  test('is no better than what it cannot do without', () => {
    const { score, costs } = healthScore([
      { name: 'database', value: 0, vital: true },
      { name: 'cache', value: 1, weight: 9 },
    ]);
    expect(score).toBe(0);
    expect(costs[0]).toEqual({ name: 'database', value: 0, cost: 1 });
  });

  test('lies between 0 and 1, and the costs are what is missing', () => {
    fc.assert(
      fc.property(fc.array(component), (components) => {
        const { score, costs } = healthScore(components);
        expect(score >= 0 && score <= 1).toBe(true);
        expect(costs.every(({ cost }) => cost >= -1e-12)).toBe(true);
        expect(costs.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(1 - score, 9);
      }),
    );
  });

  test('never falls when a component gets better', () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 1 }), fc.nat(), (components, pick) => {
        const index = pick % components.length;
        const better = components.map((one, at) => (at === index ? { ...one, value: 1 } : one));
        expect(healthScore(better).score).toBeGreaterThanOrEqual(healthScore(components).score - 1e-12);
      }),
    );
  });
});

describe('ownComponents', () => {
  const calm = { operations: 100, failed: 0, p95Ms: 20, refused: 0 };
  const scoreOf = (sample = {}, facts = {}) =>
    healthScore(ownComponents(profiles.production, calmSample(sample), { ...calm, ...facts })).score;

  test('a calm process is well', () => {
    expect(scoreOf()).toBe(1);
  });

  test('memory beyond the emergency share alone is an emergency', () => {
    expect(scoreOf({ memoryShare: 0.96 })).toBeLessThan(profiles.production.emergency.healthScore);
  });

  test('an event loop that stands still while everything fails is one as well', () => {
    expect(scoreOf({ loopLagMs: 5_000, cpuShare: 1.2 }, { failed: 100, p95Ms: 60_000, refused: 900 })).toBeLessThan(0.3);
  });

  test('without operations nothing speaks against it', () => {
    expect(scoreOf({}, { operations: 0, p95Ms: 0 })).toBe(1);
  });
});

describe('decline', () => {
  test.each([
    [0, 1],
    [50, 1],
    [75, 0.5],
    [100, 0],
    [1_000, 0],
    [Number.NaN, 0],
  ])('%p of 50 to 100 is %p', (amount, expected) => {
    expect(decline(amount, 50, 100)).toBe(expected);
  });
});
