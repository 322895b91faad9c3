import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownerOf, partitionsOf } from './rendezvous.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

describe('ownerOf', () => {
  test('nobody owns a key where there are no members', () => {
    expect(ownerOf('key', [])).toBeUndefined();
  });

  test('does not depend on the order of the members', () => {
    fc.assert(fc.property(fc.string(), members, (key, names) => ownerOf(key, names) === ownerOf(key, [...names].reverse())));
  });

  test('only the keys of a member that leaves move', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.nat(), (key, names, index) => {
        const gone = names[index % names.length];
        const before = ownerOf(key, names);
        const rest = names.filter((name) => name !== gone);
        return before === gone || ownerOf(key, rest) === before;
      }),
    );
  });
});

describe('partitionsOf', () => {
  test('deals every partition to exactly one member, evenly', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 64 }), (names, partitions) => {
        const dealt = names.map((name) => partitionsOf(name, names, partitions));
        expect(dealt.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, i) => i));
        const sizes = dealt.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a stranger owns none', () => {
    expect(partitionsOf('stranger', ['a', 'b'], 16)).toEqual([]);
  });
});
