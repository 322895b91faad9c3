import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { sleep } from './sleep.ts';
import { FakeClock } from './testing/fake-clock.ts';

describe('sleep', () => {
  test('resolves when the time is over and not before', async () => {
    const clock = new FakeClock();
    let awake = false;
    const slept = clock.sleep(100).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    await slept;
    expect(awake).toBe(true);
  });

  test('rejects with the reason as soon as the signal aborts, and leaves no timer and no listener', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const slept = clock.sleep(1_000, controller.signal);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('leaves no listener after it ended by itself', async () => {
    const controller = new AbortController();
    await sleep(1, { signal: controller.signal });
    await sleep(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('rejects at once when the signal is aborted already', async () => {
    const reason = new Error('too late');
    await expect(sleep(1_000, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
