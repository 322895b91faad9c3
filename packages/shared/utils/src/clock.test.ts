import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LONGEST_TIMER_MS, systemClock } from './clock.ts';

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('tells milliseconds since 1970 and a time that only grows', () => {
    const before = systemClock.monotonic();
    jest.advanceTimersByTime(250);
    expect(systemClock.now()).toBe(1_000_250);
    expect(systemClock.monotonic() - before).toBeCloseTo(250);
  });

  test('waits longer than the longest timer of Node', () => {
    let fired = 0;
    systemClock.setTimeout(() => (fired += 1), LONGEST_TIMER_MS * 2 + 5);
    jest.advanceTimersByTime(LONGEST_TIMER_MS * 2 + 4);
    expect(fired).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  test('cancels short and long timers, also after a long one was set anew', () => {
    let fired = 0;
    const short = systemClock.setTimeout(() => (fired += 1), 10);
    const long = systemClock.setTimeout(() => (fired += 1), LONGEST_TIMER_MS * 3);
    long.unref();
    jest.advanceTimersByTime(5);
    systemClock.clearTimeout(short);
    systemClock.clearTimeout(undefined);
    jest.advanceTimersByTime(LONGEST_TIMER_MS);
    systemClock.clearTimeout(long);
    jest.advanceTimersByTime(LONGEST_TIMER_MS * 3);
    expect(fired).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
