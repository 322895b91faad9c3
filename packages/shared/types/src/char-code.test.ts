import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { charCodeAt } from './char-code.ts';

describe('charCodeAt', () => {
  test('is the method of strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: -2, max: 20 }), (text, at) => {
        expect(charCodeAt(text, at)).toBe(text.charCodeAt(at));
      }),
    );
  });
});
