import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadlineIn, underDeadline } from './deadline.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { FakeClock } from './testing/fake-clock.ts';

describe('createRateLimiter', () => {
  test('never lets more through in any time than the burst and the rate allow, and refuses nothing that they allow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 5, 10, 250),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 30 }),
        async (perSecond, burst, waits) => {
          const clock = new FakeClock();
          const limiter = createRateLimiter({ perSecond, burst, clock });
          let tokens = burst;
          for (const wait of waits) {
            await clock.advance(wait);
            tokens = Math.min(burst, tokens + (wait * perSecond) / 1_000);
            const allowed = tokens >= 1 - 1e-6;
            expect(limiter.tryTake()).toBe(allowed);
            if (allowed) tokens -= 1;
          }
        },
      ),
    );
  });

  test('spreads waiting calls evenly, in their order', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 1, maxWaitMs: 1_000, clock });
    const times: number[] = [];
    const work = Promise.all(Array.from({ length: 5 }, () => limiter.run(() => times.push(clock.monotonic()))));
    await clock.advance(1_000);
    await expect(work).resolves.toEqual([1, 2, 3, 4, 5]);
    expect(times).toEqual([0, 100, 200, 300, 400]);
  });

  test('refuses what would have to wait too long, and says when to come back', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 1, clock, name: 'search API' });
    await limiter.run(() => 1);
    await expect(limiter.run(() => 2)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 100,
      details: { limiter: 'search API' },
    });
    await clock.advance(100);
    await expect(limiter.run(() => 3)).resolves.toBe(3);
  });

  test('does not wait beyond a deadline, nor for a caller who gave up', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, maxWaitMs: 5_000, clock });
    await limiter.run(() => 1);
    const hurried = underDeadline(deadlineIn('request', 500, clock), () => limiter.run(() => 2));
    await expect(hurried).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 500 });
    const controller = new AbortController();
    const waiting = limiter.run(() => 3, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(limiter.run(() => 4, { signal: controller.signal })).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  test('counts a call for as many as it is told', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 5, maxWaitMs: 1_000, clock });
    expect([limiter.tryTake(4), limiter.tryTake(2), limiter.tryTake(1), limiter.tryTake()]).toEqual([true, false, true, false]);
    const heavy = limiter.run(() => clock.monotonic(), { permits: 3 });
    const light = limiter.run(() => clock.monotonic());
    await clock.advance(1_000);
    await expect(Promise.all([heavy, light])).resolves.toEqual([300, 400]);
    for (const permits of [0, 1.5, 6]) expect(() => limiter.tryTake(permits)).toThrow('option permits');
  });

  test('stays away for as long as it is told, and then does not come back all at once', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 5, maxWaitMs: 3_000, clock, name: 'search API' });
    limiter.pause(2_000);
    limiter.pause(500);
    expect(limiter.tryTake()).toBe(false);
    const times = Promise.all([1, 2, 3].map(() => limiter.run(() => clock.monotonic())));
    await clock.advance(3_000);
    await expect(times).resolves.toEqual([2_000, 2_100, 2_200]);
    expect(() => {
      limiter.pause(Number.NaN);
    }).toThrow('search API: option ms');
  });

  test('has a burst of one second by default', () => {
    const of = (perSecond: number) => {
      const limiter = createRateLimiter({ perSecond, clock: new FakeClock() });
      let taken = 0;
      while (limiter.tryTake()) taken += 1;
      return taken;
    };
    expect([of(20), of(0.5)]).toEqual([20, 1]);
  });

  test.each([{ perSecond: 0 }, { perSecond: 1, burst: 0 }, { perSecond: 1, maxWaitMs: -1 }])('refuses %j', (options) => {
    expect(() => createRateLimiter(options)).toThrow('rate limiter: option');
  });
});
