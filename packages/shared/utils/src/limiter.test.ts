import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Deferred, deferred } from './deferred.ts';
import { createLimiter } from './limiter.ts';

describe('createLimiter', () => {
  test('never runs more than its number at the same time and runs everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 30 }), async (concurrency, count) => {
        const limiter = createLimiter(concurrency);
        let running = 0;
        let most = 0;
        const results = await Promise.all(
          Array.from({ length: count }, (_, i) =>
            limiter.run(async () => {
              most = Math.max(most, (running += 1));
              await Promise.resolve();
              running -= 1;
              return i;
            }),
          ),
        );
        expect(results).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(most).toBe(Math.min(concurrency, count));
        expect([limiter.active, limiter.waiting]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });

  test('lets waiting callers in in the order in which they came', async () => {
    const limiter = createLimiter(1);
    const gates: Deferred[] = [];
    const order: number[] = [];
    const runs = [0, 1, 2].map((i) =>
      limiter.run(() => {
        order.push(i);
        const gate = deferred();
        gates.push(gate);
        return gate.promise;
      }),
    );
    expect([limiter.active, limiter.waiting]).toEqual([1, 2]);
    for (let i = 0; i < 3; i++) {
      await new Promise(setImmediate);
      gates[i]?.resolve();
    }
    await Promise.all(runs);
    expect(order).toEqual([0, 1, 2]);
  });

  test('gives the place back when the function fails', async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    await expect(limiter.run(() => 'next')).resolves.toBe('next');
  });

  test('lets a waiting caller leave when its signal aborts, without a trace', async () => {
    const limiter = createLimiter(1);
    const gate = deferred();
    const first = limiter.run(() => gate.promise);
    const controller = new AbortController();
    let called = false;
    const waiting = limiter.run(() => (called = true), { signal: controller.signal });
    const reason = new Error('no longer');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect([limiter.active, limiter.waiting]).toEqual([1, 0]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    gate.resolve();
    await first;
    expect(called).toBe(false);
    await expect(limiter.run(() => 1, { signal: controller.signal })).rejects.toBe(reason);
  });

  test('refuses callers when enough wait already', async () => {
    const limiter = createLimiter(1, { maxWaiting: 0, name: 'uploads' });
    const gate = deferred();
    const first = limiter.run(() => gate.promise);
    await expect(limiter.run(() => 1)).rejects.toMatchObject({ code: 'OVERLOADED', details: { limiter: 'uploads' } });
    gate.resolve();
    await first;
  });

  test('refuses a number that is not one', () => {
    expect(() => createLimiter(0)).toThrow('option concurrency must be an integer of at least 1, not 0');
  });
});
