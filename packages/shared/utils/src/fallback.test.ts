import { CancelledError, NetworkError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import { FailedResult } from './failed-result.ts';
import { fallbackChain, type FallbackStep } from './fallback.ts';

const down = new NetworkError('down');
const failing = (name: string, error: Error = down): FallbackStep<string> => ({ name, run: () => Promise.reject(error) });
const giving = (name: string): FallbackStep<string> => ({ name, run: () => `from ${name}` });

describe('fallbackChain', () => {
  test('gives the first step’s result as it is', async () => {
    await expect(fallbackChain([giving('live'), giving('cache')])).resolves.toEqual({
      value: 'from live',
      source: 'live',
      degraded: false,
      failures: [],
    });
  });

  test('goes from step to step, marks the result, and tells each step what failed', async () => {
    const told: unknown[] = [];
    const got: unknown[] = [];
    const last: FallbackStep<string> = {
      name: 'static',
      run: (failure) => {
        got.push(failure);
        return 'default';
      },
    };
    const other = new Error('other');
    const result = await fallbackChain([failing('live'), failing('cache', other), last], { onFallback: (notice) => told.push(notice) });
    expect(result).toEqual({
      value: 'default',
      source: 'static',
      degraded: true,
      failures: [
        { source: 'live', error: down },
        { source: 'cache', error: other },
      ],
    });
    expect(got).toEqual([other]);
    expect(told).toEqual([
      { from: 'live', next: 'cache', error: down },
      { from: 'cache', next: 'static', error: other },
    ]);
  });

  test('takes a result that is a failure for one, and gives the first one back when no step has a better one', async () => {
    const isFailedResult = (value: string) => value === 'from live';
    const told: unknown[] = [];
    const onFallback = ({ error }: { readonly error: unknown }) => told.push(error instanceof FailedResult ? error.value : error);
    await expect(fallbackChain([giving('live'), giving('cache')], { isFailedResult, onFallback })).resolves.toMatchObject({
      ...{ value: 'from cache', source: 'cache', degraded: true, failures: [{ source: 'live' }] },
    });
    expect(told).toEqual(['from live']);
    await expect(fallbackChain([giving('live'), failing('cache')], { isFailedResult })).resolves.toMatchObject({
      ...{ value: 'from live', source: 'live', degraded: false, failures: [{ source: 'live' }, { source: 'cache', error: down }] },
    });
    await expect(fallbackChain([failing('first'), giving('live')], { isFailedResult })).rejects.toBe(down);
  });

  test('leaves out steps that do not help', async () => {
    const picky: FallbackStep<string> = { ...giving('picky'), when: (failure) => failure !== down };
    await expect(fallbackChain([failing('live'), picky, giving('static')])).resolves.toMatchObject({ source: 'static' });
  });

  test('rejects with the first error when no step succeeds', async () => {
    const told: (string | undefined)[] = [];
    const chain = fallbackChain([failing('live'), failing('cache', new Error('empty'))], { onFallback: ({ next }) => told.push(next) });
    await expect(chain).rejects.toBe(down);
    expect(told).toEqual(['cache', undefined]);
  });

  test('passes cancellations on: nobody wants a lesser result then', async () => {
    const cancelled = new CancelledError('CANCELLED', 'enough');
    await expect(fallbackChain([failing('live', cancelled), giving('cache')])).rejects.toBe(cancelled);
    const controller = new AbortController();
    const reason = new Error('enough');
    const step: FallbackStep<string> = {
      name: 'live',
      run: () => {
        controller.abort(reason);
        throw down;
      },
    };
    await expect(fallbackChain([step, giving('cache')], { signal: controller.signal })).rejects.toBe(reason);
    await expect(fallbackChain([giving('live')], { signal: controller.signal })).rejects.toBe(reason);
  });
});
