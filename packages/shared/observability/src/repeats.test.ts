import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LeftOut, Repeats } from './repeats.ts';

function scene(first: number, windowMs = 1_000) {
  const told: LeftOut[] = [];
  let now = 0;
  const repeats = new Repeats(
    { first, windowMs },
    (leftOut) => told.push(leftOut),
    () => now,
  );
  return { told, repeats, pass: (ms: number) => (now += ms) };
}

describe('Repeats', () => {
  test('lets the first of each kind through, and tells of the rest when the window is over', () => {
    const { told, repeats, pass } = scene(2);
    expect(['a', 'a', 'a', 'b', 'a'].map((kind) => repeats.admit(kind))).toEqual([true, true, false, true, false]);
    expect(told).toEqual([]);
    pass(1_000);
    expect(repeats.admit('a')).toBe(true);
    expect(told).toEqual([{ kind: 'a', count: 2 }]);
    repeats.flush();
    expect(told).toHaveLength(1);
  });

  test('no line is lost without being counted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(600))), fc.integer({ min: 1, max: 4 }), (lines, first) => {
        const { told, repeats, pass } = scene(first);
        let written = 0;
        for (const [kind, ms] of lines) {
          pass(ms);
          if (repeats.admit(kind)) written += 1;
        }
        repeats.flush();
        expect(written + told.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
      }),
    );
  });

  test('keeps a bounded number of kinds; further ones are written', () => {
    const { repeats } = scene(1);
    for (let i = 0; i < 1_000; i++) repeats.admit(`kind ${i}`);
    expect([repeats.admit('new'), repeats.admit('new'), repeats.admit('kind 7')]).toEqual([true, true, false]);
    repeats.flush();
  });
});
