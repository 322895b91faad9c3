import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LOW_TURN, NORMAL_TURN, readOrder, rotate, share } from './read-order.ts';
import { PRIORITY_ORDER } from './transport.ts';

const max = fc.integer({ min: 1, max: 1_000 });

describe('the order of a read', () => {
  test('is high, normal, low after a read that left nothing waiting', () => {
    fc.assert(
      fc.property(max, (wanted) => {
        expect(readOrder(0, wanted)).toEqual(PRIORITY_ORDER.map((priority) => ({ priority, limit: wanted })));
      }),
    );
  });

  test('always ends with all classes in full, so that no place stays empty while something waits', () => {
    fc.assert(
      fc.property(fc.nat(), max, (reads, wanted) => {
        expect(readOrder(reads, wanted).slice(-3)).toEqual(PRIORITY_ORDER.map((priority) => ({ priority, limit: wanted })));
      }),
    );
  });

  test('leaves out the classes below the least', () => {
    fc.assert(
      fc.property(fc.nat(), max, fc.constantFrom(...PRIORITY_ORDER), (reads, wanted, least) => {
        const allowed = PRIORITY_ORDER.slice(0, PRIORITY_ORDER.indexOf(least) + 1);
        const steps = readOrder(reads, wanted, least);
        expect(steps.slice(-allowed.length)).toEqual(allowed.map((priority) => ({ priority, limit: wanted })));
        expect(steps.every(({ priority }) => allowed.includes(priority))).toBe(true);
      }),
    );
  });

  test('lets every class begin within any run of full reads, however long the urgent ones go on', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), max, (from, wanted) => {
        const first = Array.from({ length: LOW_TURN }, (_, i) => readOrder(from + i, wanted)[0]?.priority);
        expect(first.filter((priority) => priority === 'low')).toHaveLength(1);
        expect(first.filter((priority) => priority === 'normal')).toHaveLength(LOW_TURN / NORMAL_TURN - 1);
      }),
    );
  });

  test('gives a lower class that begins at least one place and at most a quarter', () => {
    fc.assert(
      fc.property(fc.nat(), max, (reads, wanted) => {
        const steps = readOrder(reads, wanted);
        if (steps.length === 3) return;
        const limit = steps[0]?.limit ?? 0;
        expect(limit).toBeGreaterThanOrEqual(1);
        expect(limit).toBeLessThanOrEqual(Math.ceil(wanted / 4));
      }),
    );
  });
});

describe('rotate', () => {
  test('keeps every element and gives each its turn at being first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.nat(), (list, from) => {
        const firsts = list.map((_, i) => rotate(list, from + i)[0]);
        expect(new Set(firsts)).toEqual(new Set(list));
        expect(new Set(rotate(list, from))).toEqual(new Set(list));
      }),
    );
    expect(rotate([], 3)).toEqual([]);
  });
});

describe('shares', () => {
  const counts = fc.array(fc.nat(20), { minLength: 6, maxLength: 6 });
  const steps = fc.array(fc.record({ from: fc.nat(5), to: fc.nat(6), limit: fc.nat(30) }), { maxLength: 4 });
  const sum = (list: readonly { readonly count: number }[]) => list.reduce((all, { count }) => all + count, 0);

  test('are never more than is wanted, than waits in a lane, or than the steps allow', () => {
    fc.assert(
      fc.property(steps, counts, fc.nat(60), (some, waiting, max) => {
        const shares = share(some, waiting, max);
        expect(sum(shares)).toBeLessThanOrEqual(Math.min(max, sum(some.map(({ limit }) => ({ count: limit })))));
        for (const [lane, count] of waiting.entries()) expect(sum(shares.filter((of) => of.lane === lane))).toBeLessThanOrEqual(count);
        for (const { count } of shares) expect(count).toBeGreaterThan(0);
      }),
    );
  });

  test('take all that waits or fill all places, the lanes of the first steps first', () => {
    fc.assert(
      fc.property(counts, fc.nat(60), (waiting, max) => {
        const usual = [0, 2, 4].map((from) => ({ from, to: from + 2, limit: max }));
        const shares = share(usual, waiting, max);
        expect(sum(shares)).toBe(Math.min(max, sum(waiting.map((count) => ({ count })))));
        const partly = shares.findIndex(({ lane, count }) => count < (waiting[lane] ?? 0));
        expect(partly === -1 || partly === shares.length - 1).toBe(true);
        expect(shares.map(({ lane }) => lane)).toEqual(shares.map(({ lane }) => lane).toSorted((a, b) => a - b));
      }),
    );
  });

  test('give a step before the others its part, and the rest of the lane later', () => {
    const steps = [
      { from: 1, to: 2, limit: 1 },
      { from: 0, to: 2, limit: 4 },
    ];
    expect(share(steps, [2, 9], 4)).toEqual([
      { lane: 1, count: 1 },
      { lane: 0, count: 2 },
      { lane: 1, count: 1 },
    ]);
  });
});
