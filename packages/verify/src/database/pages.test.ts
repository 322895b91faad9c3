import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupsOf } from './pages.ts';

describe('groups of runs', () => {
  test('hold all runs in order, and no more than fits unless one alone is larger', () => {
    const runs = fc.array(fc.record({ id: fc.uuid(), bytes: fc.integer({ min: 0, max: 200 }).map(String) }));
    fc.assert(
      fc.property(runs, (rows) => {
        const groups = [...groupsOf(rows, 100)];
        expect(groups.flat()).toEqual(rows.map(({ id }) => id));
        const sizes = new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]));
        for (const group of groups) {
          const sum = group.reduce((total, id) => total + (sizes.get(id) ?? 0), 0);
          expect(group.length === 1 || sum <= 100).toBe(true);
        }
      }),
    );
  });
});
