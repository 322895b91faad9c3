import { describe, expect, jest, test } from '@jest/globals';
import { planOf } from '../core/plan.ts';
import { hunt } from '../variants/hunt.ts';
import { VARIANTS } from '../variants/variants.ts';
import { tellViolation } from './story.ts';

jest.setTimeout(120_000);

describe('the story of a violation', () => {
  test('has only the faults that it takes, and the way to play it again', async () => {
    const variant = VARIANTS.find(({ name }) => name === 'a failed commit counts as done');
    if (variant === undefined) throw new Error('there is such a variant');
    const { seed = 0, violation } = await hunt(variant, variant.within);
    if (violation === undefined) throw new Error('it is caught');
    const plan = planOf(seed);
    const story = await tellViolation(plan, plan.faults, violation, variant);
    expect(story).toContain(`Seed ${seed} breaks a rule: nothing is acknowledged before it is on disk`);
    const [, took] = /it takes (\d+)/.exec(story) ?? [];
    expect(Number(took)).toBeGreaterThan(0);
    expect(Number(took)).toBeLessThan(plan.faults.length);
    expect(story).toMatch(/Replay: npx nx run simulation:run -- --seed \d+ --faults "\d/);
    expect(story.split('\n').length).toBeLessThan(180);
  });
});
