import { AgentError, CancelledError, DependencyError, NetworkError, OverloadError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createBreaker } from './circuit-breaker.ts';
import { isIdempotentRequest, wasNotTaken } from './idempotency.ts';
import { createRetryBudget, createRetryBudgets } from './retry-budget.ts';
import type { GiveUpNotice, RetryOptions } from './retry-options.ts';
import { createRetry, retry } from './retry.ts';
import { FakeClock } from './testing/fake-clock.ts';

const HOUR = 3_600_000;
const failing = () => Promise.reject(new NetworkError('down'));

async function attemptsOf(options: RetryOptions, error: unknown): Promise<{ attempts: number; gaveUp: GiveUpNotice[] }> {
  const clock = new FakeClock();
  const gaveUp: GiveUpNotice[] = [];
  let attempts = 0;
  const work = retry(
    () => {
      attempts += 1;
      throw error as Error;
    },
    { clock, jitter: 'none', onGiveUp: (notice) => gaveUp.push(notice), ...options },
  );
  const settled = Promise.allSettled([work]);
  await clock.advance(HOUR);
  await settled;
  return { attempts, gaveUp };
}

describe('a retry budget', () => {
  test('never lets more retries through than calls and time have paid for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 0.1, 0.5),
        fc.constantFrom(0, 1, 5),
        fc.array(fc.oneof(fc.constant('call'), fc.constant('retry'), fc.integer({ min: 1, max: 3_000 })), { maxLength: 60 }),
        async (ratio, perSecond, steps) => {
          const clock = new FakeClock();
          const budget = createRetryBudget({ ratio, perSecond, burst: 5, clock });
          let calls = 0;
          let retries = 0;
          for (const step of steps) {
            if (step === 'call') {
              calls += 1;
              budget.deposit();
            } else if (step === 'retry') retries += budget.withdraw() ? 1 : 0;
            else await clock.advance(step);
            expect(retries).toBeLessThanOrEqual(5 + calls * ratio + (clock.monotonic() / 1_000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  test('is shared: a storm of failing callers makes few more calls than there are callers', async () => {
    const clock = new FakeClock();
    const budget = createRetryBudget({ perSecond: 0, clock });
    const retrier = createRetry({ clock, budget, jitter: 'none' });
    let calls = 0;
    const storm = Promise.allSettled(
      Array.from({ length: 200 }, () =>
        retrier.run(() => {
          calls += 1;
          return failing();
        }),
      ),
    );
    await clock.advance(HOUR);
    await storm;
    expect(calls).toBe(210); // 200, and the 10 saved up; deposits go into the full bucket
    expect(budget.balance).toBe(0);
  });

  test('fills up with time, to its burst', async () => {
    const clock = new FakeClock();
    const budget = createRetryBudget({ perSecond: 2, burst: 4, clock });
    while (budget.withdraw());
    await clock.advance(1_000);
    expect(budget.balance).toBe(2);
    await clock.advance(HOUR);
    expect(budget.balance).toBe(4);
  });

  test('is why it gives up when there is none left', async () => {
    const budget = createRetryBudget({ ratio: 0, perSecond: 0, burst: 1 });
    const { attempts, gaveUp } = await attemptsOf({ budget }, new NetworkError('down'));
    expect(attempts).toBe(2);
    expect(gaveUp).toMatchObject([{ reason: 'budget', attempts: 2 }]);
  });

  test('is the same for the same dependency, of a bounded number of them', () => {
    const budgets = createRetryBudgets({ burst: 3 });
    expect(budgets.for('redis')).toBe(budgets.for('redis'));
    expect(budgets.for('redis')).not.toBe(budgets.for('postgres'));
    for (let index = 0; index < 2_000; index++) budgets.for(`host ${index}`);
    expect(budgets.size).toBe(1_024);
  });

  test.each([{ ratio: -1 }, { perSecond: Number.NaN }, { burst: 0 }])('refuses %j', (options) => {
    expect(() => createRetryBudget(options)).toThrow(`retry budget: option ${Object.keys(options)[0] ?? ''}`);
  });
});

describe('work that must not be done twice', () => {
  test.each([
    ['an open circuit', new DependencyError('CIRCUIT_OPEN', 'x'), true],
    ['a refusal', new OverloadError('RATE_LIMITED', 'x'), true],
    ['a refusal in an emergency', new OverloadError('EMERGENCY', 'x'), true],
    ['a host that is down', Object.assign(new Error('x'), { code: 'EHOSTDOWN' }), true],
    ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), true],
    ['a refused connection as the cause', new NetworkError('x', { cause: { code: 'ENOTFOUND' } }), true],
    ['a failed call', new NetworkError('x'), false],
    ['a reset connection', Object.assign(new Error('x'), { code: 'ECONNRESET' }), false],
    ['a failed agent whose own call was refused', new AgentError('AGENT_FAILED', 'x', { cause: { code: 'ECONNREFUSED' } }), false],
    ['nothing', undefined, false],
  ])('after %s', async (_what, error, again) => {
    expect(wasNotTaken(error)).toBe(again);
    const { attempts, gaveUp } = await attemptsOf({ idempotent: false, shouldRetry: () => true, maxAttempts: 2 }, error);
    expect(attempts).toBe(again ? 2 : 1);
    expect(gaveUp).toMatchObject([{ reason: again ? 'attempts' : 'unsafe' }]);
  });

  test('is known by the method of a request, and made safe by an idempotency key', () => {
    expect(['get', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'].every((method) => isIdempotentRequest(method))).toBe(true);
    expect(['POST', 'PATCH'].some((method) => isIdempotentRequest(method))).toBe(false);
    expect(isIdempotentRequest('POST', true)).toBe(true);
  });
});

describe('hooks', () => {
  test('tell why it gave up', async () => {
    const final = await attemptsOf({}, new AgentError('AGENT_REJECTED', 'no'));
    expect(final.gaveUp).toMatchObject([{ reason: 'final', attempts: 1, error: { code: 'AGENT_REJECTED' } }]);
    const all = await attemptsOf({}, new NetworkError('down'));
    expect(all.gaveUp).toMatchObject([{ reason: 'attempts', attempts: 4 }]);
  });

  test('tell of time that ran out during an attempt, and say nothing when the caller cancels', async () => {
    const clock = new FakeClock();
    const reasons: string[] = [];
    const controller = new AbortController();
    const options: RetryOptions = { clock, jitter: 'none', onGiveUp: ({ reason, attempts }) => reasons.push(`${reason} ${attempts}`) };
    const work = ({ number }: { number: number }) => (number === 1 ? failing() : new Promise(() => undefined));
    const slow = expect(retry(work, { ...options, totalTimeoutMs: 5_000 })).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    const cancelled = expect(retry(work, { ...options, signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await clock.advance(2_000);
    controller.abort(new CancelledError('CANCELLED', 'enough'));
    await cancelled;
    await clock.advance(10_000);
    await slow;
    expect(reasons).toEqual(['time 2']);
  });

  test('tell of a success that took several attempts, not of one that took one', async () => {
    const clock = new FakeClock();
    const recovered: number[] = [];
    const retrier = createRetry({ clock, jitter: 'none', onRecover: (attempts) => recovered.push(attempts) });
    await expect(retrier.run(() => 'at once')).resolves.toBe('at once');
    const later = retrier.run(({ number }) => (number < 3 ? failing() : 'later'));
    await clock.advance(HOUR);
    await expect(later).resolves.toBe('later');
    expect(recovered).toEqual([3]);
  });
});

describe('retry over a breaker', () => {
  test('does not hammer it while it is open: it waits until the probe is due, spread by the jitter', async () => {
    const clock = new FakeClock();
    const breaker = createBreaker('api', { clock, minimumCalls: 1, openMs: 20_000 });
    const times: number[] = [];
    const work = retry(
      (attempt) =>
        breaker.execute(() => {
          times.push(clock.monotonic());
          return times.length < 2 ? failing() : 'back';
        }, attempt),
      { clock, jitter: 'full', random: () => 0.5, baseMs: 100 },
    );
    await clock.advance(HOUR);
    await expect(work).resolves.toBe('back');
    // fails and opens at 0, is refused at 50, then waits for the rest of 20 s and half of baseMs
    expect(times).toEqual([0, 20_050]);
    expect(breaker.stats.refused).toBe(1);
  });

  test('counts attempts that took too long as failures, once, and cancelled ones not at all', async () => {
    const clock = new FakeClock();
    const breaker = createBreaker('api', { clock });
    const controller = new AbortController();
    const never = () => new Promise(() => undefined);
    const late = Promise.allSettled([
      retry((attempt) => breaker.execute(never, attempt), { clock, attemptTimeoutMs: 100, maxAttempts: 3, jitter: 'none' }),
      retry((attempt) => breaker.execute(never, attempt), { clock, signal: controller.signal }),
    ]);
    await clock.advance(50);
    controller.abort(new CancelledError('CANCELLED', 'enough'));
    await clock.advance(HOUR / 120);
    await late;
    expect(breaker.stats).toMatchObject({ calls: 3, failures: 3 });
  });

  test('judges each of several breakers within one attempt, and begins nothing in an attempt that was given up', async () => {
    const clock = new FakeClock();
    const breakers = ['a', 'b', 'c'].map((name) => createBreaker(name, { clock }));
    const never = () => new Promise(() => undefined);
    let begun = false;
    const work = retry(
      async (attempt) => {
        const quick = breakers.slice(0, 2).map((breaker) => breaker.execute(() => 'quick', attempt));
        const all = breakers.map((breaker) => breaker.execute(never, attempt));
        await Promise.all(quick);
        await clock.sleep(200);
        await createBreaker('late', { clock }).execute(() => (begun = true), attempt);
        await Promise.all(all);
      },
      { clock, attemptTimeoutMs: 100, maxAttempts: 1 },
    );
    const failed = expect(work).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(300);
    await failed;
    expect(breakers.map(({ stats }) => [stats.calls, stats.failures])).toEqual([
      [2, 1],
      [2, 1],
      [1, 1],
    ]);
    expect(begun).toBe(false);
  });
});
