import { describe, test } from '@jest/globals';
import { systemClock } from '@mainstay/utils';
import { Wake } from './wake.ts';

const never = new AbortController().signal;

describe('Wake', () => {
  test('ends a wait', async () => {
    const wake = new Wake(systemClock);
    const waited = wake.wait(Infinity, never);
    wake.wake();
    await waited;
  });

  test('remembers a wake that comes while nobody waits', async () => {
    const wake = new Wake(systemClock);
    wake.wake();
    await wake.wait(Infinity, never);
  });

  test('an abort ends the wait, and an aborted signal does not let it begin', async () => {
    const wake = new Wake(systemClock);
    const stop = new AbortController();
    const waited = wake.wait(Infinity, stop.signal);
    stop.abort();
    await waited;
    await wake.wait(Infinity, stop.signal);
  });

  test('ends by itself after its time', async () => {
    await new Wake(systemClock).wait(1, never);
  });
});
