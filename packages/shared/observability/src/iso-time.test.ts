import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isoTime } from './iso-time.ts';

test('says what Date says, also when the same moment is asked for again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_999 }), { minLength: 1 }), (steps) => {
      for (const step of steps) {
        const ms = 1_800_000_000_000 + step;
        expect(isoTime(ms)).toBe(new Date(ms).toISOString());
      }
    }),
  );
});
