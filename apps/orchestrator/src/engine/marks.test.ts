import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Marks } from './marks.ts';

describe('Marks', () => {
  test('numbers batches from 1 and publishes none before it is closed', () => {
    const marks = new Marks('orchestrator-a');
    marks.epoch = 'e1';
    expect(marks.open()).toEqual({ orchestrator: 'orchestrator-a', batch: 1, published: 0, epoch: 'e1' });
    expect(marks.current().published).toBe(0);
    marks.close(1);
    expect(marks.current().published).toBe(1);
  });

  test('the mark never passes an open batch and reaches the last one when all are closed, in whatever order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8, maxLength: 8 }), (order) => {
        const marks = new Marks('a');
        const open = new Set(order.map(() => marks.open().batch));
        for (const batch of order) {
          marks.close(batch);
          open.delete(batch);
          expect(marks.current().published).toBe(open.size === 0 ? 8 : Math.min(...open) - 1);
        }
      }),
    );
  });
});
