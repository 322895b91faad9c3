import { getEventListeners } from 'node:events';
import { AgentError, DependencyError, NetworkError, OverloadError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RetryNotice, RetryOptions } from './retry-options.ts';
import { retry } from './retry.ts';
import { FakeClock } from './testing/fake-clock.ts';

const HOUR = 3_600_000;
const plain = { jitter: 'none' } as const;

/** Runs a retry to its end on a clock of its own. */
async function run<T>(fn: (attempt: number, clock: FakeClock) => Promise<T> | T, options: RetryOptions = {}) {
  const clock = new FakeClock();
  const notices: RetryNotice[] = [];
  const settled = Promise.allSettled([
    retry(({ number }) => fn(number, clock), { ...plain, clock, onRetry: (notice) => notices.push(notice), ...options }),
  ]);
  await clock.advance(HOUR);
  const [result] = await settled;
  return { result, delays: notices.map(({ delayMs }) => delayMs), clock };
}

/** A function that throws what it is given, also what is not an error. */
const raise = (thrown: unknown) => () => {
  throw thrown;
};

const failing = () => {
  throw new NetworkError('down');
};

describe('retry', () => {
  test('returns the first success', async () => {
    const { result, delays } = await run((attempt) => (attempt < 3 ? failing() : `success ${attempt}`));
    expect(result).toEqual({ status: 'fulfilled', value: 'success 3' });
    expect(delays).toEqual([1_000, 2_000]);
  });

  test('tries four times by default and rejects with the last error itself', async () => {
    let last: unknown;
    const { result, delays } = await run((attempt) => {
      last = new NetworkError(`failure ${attempt}`);
      throw last;
    });
    expect(delays).toEqual([1_000, 2_000, 4_000]);
    expect(result).toMatchObject({ status: 'rejected', reason: { message: 'failure 4' } });
    expect(result).toHaveProperty('reason', last);
  });

  test('makes exactly maxAttempts attempts when all fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('exponential', 'linear', 'constant'),
        async (maxAttempts, backoff) => {
          let attempts = 0;
          const { delays } = await run(
            () => {
              attempts += 1;
              return failing();
            },
            { maxAttempts, backoff, baseMs: 3, jitter: 'full' },
          );
          expect(attempts).toBe(maxAttempts);
          expect(delays).toHaveLength(maxAttempts - 1);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('does not retry what is terminal, cancelled or unknown', async () => {
    for (const error of [
      new AgentError('AGENT_REJECTED', 'no'),
      new DOMException('stop', 'AbortError'),
      new Error('unknown'),
      'text',
      undefined,
    ]) {
      const { result, delays } = await run(raise(error));
      expect(delays).toEqual([]);
      expect(result).toHaveProperty('reason', error);
    }
  });

  test('lets the caller decide what is retried, TypeErrors and values that are not errors included', async () => {
    for (const thrown of [new TypeError('undefined is not a function'), 'text']) {
      const { result, delays } = await run(raise(thrown), { shouldRetry: () => true, maxAttempts: 2 });
      expect(delays).toEqual([1_000]);
      expect(result).toHaveProperty('reason', thrown);
    }
  });

  test('waits at least as long as the failed side asks', async () => {
    const { delays } = await run(
      () => {
        throw new OverloadError('RATE_LIMITED', 'slow down', { retryAfterMs: 45_000 });
      },
      { maxAttempts: 2 },
    );
    expect(delays).toEqual([45_000]);
  });

  test('makes no attempt over an open breaker before the probe is due', async () => {
    const times: number[] = [];
    const { result } = await run((attempt, clock) => {
      times.push(clock.monotonic());
      if (attempt === 1) throw new DependencyError('CIRCUIT_OPEN', 'open', { retryAfterMs: 20_000 });
      return 'back';
    });
    expect(result).toMatchObject({ value: 'back' });
    expect(times).toEqual([0, 20_000]);
  });

  test('ends a wait at once when the caller gives up', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const retried = retry(failing, { clock, ...plain, signal: controller.signal });
    await clock.advance(500);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(retried).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('abandons a running attempt at once when the caller gives up', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const retried = retry(() => new Promise(() => undefined), { clock, signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(retried).rejects.toBe(reason);
  });

  test('limits each attempt and tells it so', async () => {
    const signals: AbortSignal[] = [];
    const clock = new FakeClock();
    const retried = retry(
      ({ signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      { clock, ...plain, maxAttempts: 2, attemptTimeoutMs: 100, name: 'fetch' },
    );
    const failed = expect(retried).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT', message: 'fetch took longer than 100 ms' });
    await clock.advance(1_200);
    await failed;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test('ends everything when the total time is over, and names the last failure as the cause', async () => {
    const { result, clock } = await run((attempt) => (attempt === 1 ? failing() : new Promise(() => undefined)), { totalTimeoutMs: 5_000 });
    expect(result).toMatchObject({
      reason: { code: 'OPERATION_TIMEOUT', details: { timeoutMs: 5_000 }, cause: { code: 'NETWORK_FAILED' } },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('gives up at once when the next wait would outlast the total time', async () => {
    const clock = new FakeClock();
    await expect(retry(failing, { clock, ...plain, baseMs: 10_000, totalTimeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
    });
    expect(clock.monotonic()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('waits between zero and the backoff with full jitter, as the random numbers say', async () => {
    const { delays } = await run(failing, { jitter: 'full', random: () => 0.25 });
    expect(delays).toEqual([250, 500, 1_000]);
  });

  test('takes the wait before into account with decorrelated jitter', async () => {
    const { delays } = await run(failing, { jitter: 'decorrelated', random: () => 0.5, baseMs: 100, maxMs: 1_000 });
    expect(delays).toEqual([200, 350, 575]);
  });

  test.each<[RetryOptions, string]>([
    [{ maxAttempts: 0 }, 'option maxAttempts must be an integer of at least 1, not 0'],
    [{ maxAttempts: 1.5 }, 'option maxAttempts must be an integer of at least 1, not 1.5'],
    [{ baseMs: -1 }, 'option baseMs must be a number of at least 0, not -1'],
    [{ maxMs: Number.NaN }, 'option maxMs must be a number of at least 0, not NaN'],
    [{ attemptTimeoutMs: 0 }, 'option attemptTimeoutMs must be a number of at least 1, not 0'],
    [{ totalTimeoutMs: -5 }, 'option totalTimeoutMs must be a number of at least 1, not -5'],
    [JSON.parse('{"backoff":"cubic"}') as RetryOptions, 'option backoff must be one of exponential, linear, constant, not cubic'],
    [JSON.parse('{"jitter":"half"}') as RetryOptions, 'option jitter must be one of full, equal, decorrelated, none, not half'],
  ])('refuses %j before the first attempt', async (options, message) => {
    let called = false;
    await expect(retry(() => (called = true), options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
    });
    expect(called).toBe(false);
  });
});
