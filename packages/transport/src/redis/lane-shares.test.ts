import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LaneShares } from './lane-shares.ts';

const lanesOf = (count: number): readonly string[] => Array.from({ length: count }, (_, lane) => String(lane));

describe('the share of a lane', () => {
  test('is the same for all lanes while nothing is known', () => {
    expect(new LaneShares().of(lanesOf(6), 200)).toBe(33);
  });

  test('is everything for the only lane that brings something', () => {
    const shares = new LaneShares();
    shares.brought(['1']);
    expect(shares.of(lanesOf(6), 200)).toBe(200);
  });

  test('falls at once when more lanes bring something, and grows again when they have been quiet for 32 reads', () => {
    const shares = new LaneShares();
    shares.brought(['1', '2', '3', '4']);
    for (let read = 0; read < 31; read++) {
      expect(shares.of(lanesOf(6), 200)).toBe(50);
      shares.brought(['1']);
    }
    shares.brought(['1']);
    expect(shares.of(lanesOf(6), 200)).toBe(200);
  });

  test('is at least 1, and no more than that a read of filled lanes stays bounded', () => {
    const many = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(many, many, fc.array(fc.array(fc.nat(20).map(String), { minLength: 1 })), (count, max, reads) => {
        const shares = new LaneShares();
        for (const read of reads) shares.brought(read);
        const share = shares.of(lanesOf(count), max);
        expect(share).toBeGreaterThanOrEqual(1);
        expect(share).toBeLessThanOrEqual(max);
        expect(share * count).toBeLessThanOrEqual(Math.max(max, count, 4_096));
      }),
    );
  });
});
