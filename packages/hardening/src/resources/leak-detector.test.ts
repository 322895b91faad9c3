import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { detectLeak, mannKendall, theilSen } from './leak-detector.ts';
import { HeapSeries } from './heap-watch.ts';

const MB = 1_048_576;

/** A repeatable stream of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Points half a minute apart: a base, growth per minute, and noise. */
function heap(count: number, mbPerMinute: number, noiseMb: number, seed = 1) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => ({
    atMs: index * 30_000,
    bytes: (100 + (index / 2) * mbPerMinute + (random() - 0.5) * noiseMb) * MB,
  }));
}

describe('detectLeak', () => {
  test('finds steady growth under noise, with evidence', () => {
    const evidence = detectLeak(heap(40, 3, 10), {}, 300 * MB);
    expect(evidence).toMatchObject({ points: 40, spanMs: 39 * 30_000 });
    expect((evidence?.bytesPerMinute ?? 0) / MB).toBeCloseTo(3, 0);
    expect(evidence?.pValue).toBeLessThan(1e-6);
    expect((evidence?.limitInMs ?? 0) / 60_000).toBeCloseTo((300 - 158.5) / 3, -1);
  });

  test('says nothing of noise: hardly one in thousand looks', () => {
    const alarms = Array.from({ length: 500 }, (_, seed) => detectLeak(heap(40, 0, 60, seed + 1))).filter((found) => found !== undefined);
    expect(alarms.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ['a heap that shrinks', heap(40, -3, 10)],
    [
      'one that fills up once and stays',
      [...heap(10, 20, 0), ...heap(60, 0, 5).map(({ atMs, bytes }) => ({ atMs: atMs + 300_000, bytes: bytes + 90 * MB }))],
    ],
    ['too few points', heap(8, 10, 1)],
    ['too short a time', heap(40, 3, 1).map(({ atMs, bytes }) => ({ atMs: atMs / 1_000, bytes }))],
    ['growth that is not worth a word', heap(40, 0.1, 0)],
    ['nothing', []],
  ])('says nothing of %s', (_what, points) => {
    expect(detectLeak(points)?.growthBytes ?? 0).toBeLessThan(_what.startsWith('one that fills') ? 60 * MB : 1);
  });

  test('does not depend on the order of the points', () => {
    const points = heap(40, 3, 10);
    expect(detectLeak([...points].reverse())).toEqual(detectLeak(points));
  });
});

describe('theilSen and mannKendall', () => {
  test('find the slope of a line, whatever a few spikes do', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: 0, max: 29 }), (slope, spike) => {
        const line = Array.from({ length: 30 }, (_, atMs) => ({ atMs, bytes: slope * atMs + (atMs === spike ? 1e9 : 0) }));
        expect(theilSen(line)).toBeCloseTo(slope, 6);
      }),
    );
  });

  test('p is 0.5 or more without a rise, and small for one', () => {
    expect(mannKendall([1, 1, 1, 1, 1])).toBe(1);
    expect(mannKendall([5, 4, 3, 2, 1])).toBeGreaterThan(0.9);
    expect(mannKendall([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeLessThan(0.0002);
  });

  test('p lies between 0 and 1', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 40 }), (values) => {
        const p = mannKendall(values);
        expect(p >= 0 && p <= 1).toBe(true);
      }),
    );
  });
});

describe('HeapSeries', () => {
  test('is bounded, and keeps the whole time in view', () => {
    const series = new HeapSeries(64, 1_000);
    for (let second = 0; second < 20_000; second++) series.add({ atMs: second * 1_000, bytes: second });
    expect(series.points.length).toBeLessThanOrEqual(64);
    expect(series.points[0]?.atMs).toBe(0);
    expect(series.points.at(-1)?.atMs).toBeGreaterThan(19_000_000);
  });
});
