import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LOW_TURN, NORMAL_TURN, readOrder, rotate } from './read-order.ts';
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
