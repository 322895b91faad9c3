import { describe, expect, test } from '@jest/globals';
import { BodyBudget } from './body-budget.ts';

describe('BodyBudget', () => {
  test('holds bytes until they are given back, and refuses those for which there is no room', () => {
    const budget = new BodyBudget(100);
    expect(budget.take(60)).toBeUndefined();
    expect(budget.take(41)).toMatchObject({ code: 'OVERLOADED', status: 503, retryAfterMs: 1_000, details: { maxBytes: 100 } });
    expect(budget.take(40)).toBeUndefined();
    budget.give(60);
    expect(budget.heldBytes).toBe(40);
    expect(budget.take(60)).toBeUndefined();
  });
});
