import { describe, expect, test } from '@jest/globals';
import { NetworkError } from '@mainstay/types';
import { FailedResult } from './failed-result.ts';
import type { RetryOptions } from './retry-options.ts';
import { createRetry } from './retry.ts';
import { FakeClock } from './testing/fake-clock.ts';

const HOUR = 3_600_000;

/** Gives the results in turn, the last one again and again; `down` throws. */
async function retried(results: readonly string[], options: RetryOptions = {}) {
  const clock = new FakeClock();
  let calls = 0;
  const told: string[] = [];
  const retry = createRetry({
    ...{ clock, jitter: 'none', isFailedResult: (value) => value === 'busy' },
    onRetry: ({ error }) => told.push(error instanceof FailedResult ? `result ${String(error.value)}` : 'error'),
    onGiveUp: ({ reason, attempts }) => told.push(`${reason} ${String(attempts)}`),
    onRecover: (attempts) => told.push(`recovered ${String(attempts)}`),
    ...options,
  });
  const work = retry.run(() => {
    const result = results[Math.min(calls++, results.length - 1)] ?? '';
    if (result === 'down') throw new NetworkError('down');
    return result;
  });
  const settled = Promise.allSettled([work]);
  await clock.advance(HOUR);
  const [end] = await settled;
  return { calls, told, end: end.status === 'fulfilled' ? end.value : String(end.reason) };
}

describe('a result that is a failure', () => {
  test('is tried again, and the one that is none is given back', async () => {
    expect(await retried(['busy', 'busy', 'fine'])).toEqual({
      ...{ calls: 3, end: 'fine', told: ['result busy', 'result busy', 'recovered 3'] },
    });
    expect(await retried(['fine'])).toEqual({ calls: 1, end: 'fine', told: [] });
  });

  test('is given back when there is no further attempt, or no time or budget for one', async () => {
    expect(await retried(['busy'])).toMatchObject({ calls: 4, end: 'busy', told: expect.arrayContaining(['attempts 4']) });
    expect(await retried(['busy'], { totalTimeoutMs: 500 })).toEqual({ calls: 1, end: 'busy', told: ['time 1'] });
    const budget = { deposit: () => undefined, withdraw: () => false, balance: 0 };
    expect(await retried(['busy'], { budget })).toEqual({ calls: 1, end: 'busy', told: ['budget 1'] });
  });

  test('is not tried again where the work must not be done twice', async () => {
    expect(await retried(['busy'], { idempotent: false })).toEqual({ calls: 1, end: 'busy', told: ['unsafe 1'] });
  });

  test('mixes with errors: the last of all decides what comes back', async () => {
    expect(await retried(['busy', 'down', 'busy', 'fine'])).toMatchObject({ calls: 4, end: 'fine' });
    expect((await retried(['busy', 'down'])).end).toMatch(/down/);
    expect((await retried(['down', 'busy'])).end).toBe('busy');
  });

  test('is nothing special without the option', async () => {
    const clock = new FakeClock();
    expect(await createRetry({ clock }).run(() => 'busy')).toBe('busy');
  });
});
