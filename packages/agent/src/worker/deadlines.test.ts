import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import fc from 'fast-check';
import { Deadlines } from './deadlines.ts';

describe('Deadlines', () => {
  test('call each function once, at its moment, unless it was disposed before', async () => {
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: 0, max: 1_000 }), disposedAt: fc.option(fc.integer({ min: 0, max: 1_000 })) }),
    );
    await fc.assert(
      fc.asyncProperty(steps, async (entries) => {
        const clock = new FakeClock();
        const deadlines = new Deadlines(clock);
        const fired: string[] = [];
        const expected: string[] = [];
        entries.forEach(({ ms, disposedAt }, index) => {
          const handle = deadlines.in(ms, () => fired.push(`${index}@${clock.monotonic()}`));
          if (disposedAt === null || disposedAt >= ms) expected.push(`${index}@${ms}`);
          else clock.setTimeout(() => handle[Symbol.dispose](), disposedAt);
        });
        await clock.advance(1_001);
        expect(fired.toSorted()).toEqual(expected.toSorted());
        expect(deadlines.size).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('use one timer, however many there are', () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    for (let n = 0; n < 1_000; n++) deadlines.in(1_000 - n, () => undefined);
    expect(clock.pendingTimers).toBe(1);
    deadlines.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
