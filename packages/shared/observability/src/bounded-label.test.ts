import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundedLabel, OTHER } from './bounded-label.ts';

test('the first values stay, all others are one', () => {
  const label = boundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'd'].map(label)).toEqual(['a', 'b', OTHER, 'a', OTHER]);
});

test('whatever comes, there are never more values than the bound and one', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 300 })), fc.nat(20), (values, max) => {
      const label = boundedLabel(max);
      const shown = values.map(label);
      expect(new Set(shown).size).toBeLessThanOrEqual(max + 1);
      expect(Math.max(0, ...shown.map(({ length }) => length))).toBeLessThanOrEqual(100);
      expect(values.map(label)).toEqual(shown);
    }),
  );
});
