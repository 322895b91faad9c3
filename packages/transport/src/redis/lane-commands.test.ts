import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunks } from './lane-commands.ts';

describe('chunks', () => {
  test('keep all frames in order and are bounded', () => {
    const frames = fc.array(fc.constantFrom(0, 10, 3_000_000, 9_000_000), { maxLength: 60 });
    fc.assert(
      fc.property(frames, (sizes) => {
        const all = sizes.map((size, i) => ({ lane: String(i), frame: { length: size } as string }));
        const parts = chunks(all);
        expect(parts.flat()).toEqual(all);
        for (const part of parts) {
          expect(part.length).toBeGreaterThan(0);
          const characters = part.reduce((sum, { frame }) => sum + frame.length, 0);
          expect(part.length === 1 || characters <= 8 * 1024 * 1024).toBe(true);
        }
      }),
    );
    expect(chunks(Array.from({ length: 2_500 }, () => ({ lane: 'a', frame: 'x' }))).map((part) => part.length)).toEqual([
      1_000, 1_000, 500,
    ]);
  });
});
