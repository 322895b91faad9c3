import { describe, expect, test } from '@jest/globals';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  test('fires timers in order of time and shows each its own time', async () => {
    const clock = new FakeClock(5_000);
    const fired: [string, number][] = [];
    clock.setTimeout(() => fired.push(['late', clock.now()]), 20);
    clock.setTimeout(() => fired.push(['early', clock.now()]), 10);
    await clock.advance(30);
    expect(fired).toEqual([
      ['early', 5_010],
      ['late', 5_020],
    ]);
    expect(clock.now()).toBe(5_030);
    expect(clock.monotonic()).toBe(30);
  });

  test('fires timers that were set by what it fired', async () => {
    const clock = new FakeClock();
    let rounds = 0;
    const loop = async () => {
      while (rounds < 3) {
        await clock.sleep(10);
        rounds += 1;
      }
    };
    const done = loop();
    await clock.advance(30);
    await done;
    expect(rounds).toBe(3);
  });

  test('does not fire what was cancelled', async () => {
    const clock = new FakeClock();
    let fired = false;
    const timer = clock.setTimeout(() => (fired = true), 10);
    timer.unref();
    clock.clearTimeout(timer);
    await clock.advance(20);
    expect(fired).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});
