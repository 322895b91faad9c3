import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from './testing/fake-clock.ts';
import { withTimeout } from './with-timeout.ts';

describe('withTimeout', () => {
  test('passes the result through and leaves neither timer nor listener', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    await expect(withTimeout(() => 'done', 100, { clock, signal })).resolves.toBe('done');
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('rejects with OPERATION_TIMEOUT at its limit although the work ignores its signal', async () => {
    const clock = new FakeClock();
    let seen: AbortSignal | undefined;
    const timed = withTimeout(
      (signal) => {
        seen = signal;
        return new Promise(() => undefined);
      },
      100,
      { clock, name: 'query' },
    );
    const failed = expect(timed).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
      message: 'query took longer than 100 ms',
      details: { operation: 'query', timeoutMs: 100 },
    });
    await clock.advance(100);
    await failed;
    expect(seen?.aborted).toBe(true);
  });

  test('rejects with the reason of the caller when the caller gives up first', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const timed = withTimeout((signal) => clock.sleep(1_000, signal), 100, { clock, signal: controller.signal });
    const reason = new Error('caller');
    controller.abort(reason);
    await expect(timed).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  test('refuses a limit that is not a number of milliseconds', async () => {
    await expect(withTimeout(() => 1, Number.NaN)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'withTimeout: option ms must be a number of at least 0, not NaN',
    });
  });
});
