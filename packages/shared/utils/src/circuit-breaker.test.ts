import { AgentError, CancelledError } from '@mainstay/types';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Breaker, BreakerState } from './breaker.ts';
import { createBreaker } from './circuit-breaker.ts';
import type { BreakerOptions } from './circuit-breaker-options.ts';
import { deferred } from './deferred.ts';
import { STRAY_AFTER_MS } from './stray-work.ts';

const down = new Error('down');
const fail = () => Promise.reject(down);
const succeed = () => Promise.resolve('ok');

async function times(count: number, breaker: Breaker, fn: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await breaker.execute(fn).catch(() => undefined);
}

describe('createBreaker', () => {
  const made: Breaker[] = [];
  const make = (options?: BreakerOptions) => {
    const breaker = createBreaker('api', options);
    made.push(breaker);
    return breaker;
  };
  const open = async (options?: BreakerOptions) => {
    const breaker = make(options);
    await times(10, breaker, fail);
    return breaker;
  };

  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    for (const breaker of made.splice(0)) breaker.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  test('passes results and errors through while it is closed', async () => {
    const breaker = make();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    await expect(breaker.execute(fail)).rejects.toBe(down);
    expect(breaker.state).toBe('closed');
  });

  test('stays closed after nine failures and opens at the tenth', async () => {
    const breaker = make();
    await times(9, breaker, fail);
    expect(breaker.state).toBe('closed');
    await times(1, breaker, fail);
    expect(breaker.state).toBe('open');
  });

  test('opens when exactly half of ten calls failed, not below', async () => {
    const below = make();
    await times(6, below, succeed);
    await times(4, below, fail);
    expect(below.state).toBe('closed');
    const at = make();
    await times(5, at, succeed);
    await times(5, at, fail);
    expect(at.state).toBe('open');
  });

  test('forgets failures that left the window', async () => {
    const breaker = make({ windowMs: 10_000 });
    await times(9, breaker, fail);
    jest.advanceTimersByTime(11_000);
    await times(1, breaker, fail);
    expect(breaker.state).toBe('closed');
  });

  test('refuses calls while open, without making them, and says when the next probe is due', async () => {
    const breaker = await open();
    jest.advanceTimersByTime(15_000);
    let called = false;
    const refused = breaker.execute(() => (called = true));
    await expect(refused).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
      retryAfterMs: 45_000,
      details: { breaker: 'api', retryAfterMs: 45_000 },
    });
    expect(called).toBe(false);
  });

  test('lets one probe through after the open time and closes when it succeeds', async () => {
    const breaker = await open();
    jest.advanceTimersByTime(60_000);
    expect(breaker.state).toBe('half-open');
    const probe = deferred<string>();
    const first = breaker.execute(() => probe.promise);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 1_000 });
    probe.resolve('back');
    await expect(first).resolves.toBe('back');
    expect(breaker.state).toBe('closed');
  });

  test('opens for the whole time again when the probe fails', async () => {
    const breaker = await open();
    jest.advanceTimersByTime(60_000);
    await times(1, breaker, fail);
    expect(breaker.state).toBe('open');
    jest.advanceTimersByTime(59_999);
    expect(breaker.state).toBe('open');
    jest.advanceTimersByTime(1);
    expect(breaker.state).toBe('half-open');
  });

  test('neither closes nor opens on a probe that was cancelled: the next call probes', async () => {
    const breaker = await open();
    jest.advanceTimersByTime(60_000);
    const controller = new AbortController();
    const probe = breaker.execute(() => new Promise(() => undefined), { signal: controller.signal });
    const reason = new Error('caller left');
    controller.abort(reason);
    await expect(probe).rejects.toBe(reason);
    jest.advanceTimersByTime(STRAY_AFTER_MS);
    expect(breaker.state).toBe('half-open');
    await breaker.execute(succeed);
    expect(breaker.state).toBe('closed');
  });

  test('does not count cancellations and terminal errors, neither as failures nor as calls', async () => {
    const breaker = make();
    for (const error of [new CancelledError('CANCELLED', 'x'), new AgentError('AGENT_REJECTED', 'x')]) {
      await times(20, breaker, () => Promise.reject(error));
    }
    expect(breaker.state).toBe('closed');
    await times(9, breaker, fail);
    expect(breaker.state).toBe('closed');
    await times(1, breaker, fail);
    expect(breaker.state).toBe('open');
  });

  test('lets the caller decide what is a failure', async () => {
    const breaker = make({ isFailure: (error) => error !== down });
    await times(20, breaker, fail);
    expect(breaker.state).toBe('closed');
    await times(10, breaker, () => Promise.reject(new Error('another')));
    expect(breaker.state).toBe('open');
  });

  test('takes no verdict from calls that began before it opened', async () => {
    const breaker = make();
    const slow = deferred<string>();
    const early = breaker.execute(() => slow.promise);
    await times(10, breaker, fail);
    jest.advanceTimersByTime(60_000);
    slow.resolve('late');
    await early;
    expect(breaker.state).toBe('half-open');
  });

  test('counts calls that took too long as failures', async () => {
    const breaker = make({ slowCallMs: 1_000 });
    await times(10, breaker, async () => {
      jest.advanceTimersByTime(1_001);
      return succeed();
    });
    expect(breaker.state).toBe('open');
  });

  test('tells of every change of state until the listener leaves', async () => {
    const breaker = make();
    const seen: [BreakerState, BreakerState][] = [];
    const leave = breaker.on('state', ({ from, to }) => seen.push([from, to]));
    await times(10, breaker, fail);
    jest.advanceTimersByTime(60_000);
    await times(1, breaker, succeed);
    leave();
    breaker.trip();
    expect(seen).toEqual([
      ['closed', 'open'],
      ['open', 'half-open'],
      ['half-open', 'closed'],
    ]);
  });

  test('opens and closes by hand', async () => {
    const breaker = make();
    breaker.trip();
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    breaker.reset();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });

  test('refuses everything once it is closed for good', async () => {
    const breaker = make();
    breaker.close();
    breaker.trip();
    breaker.reset();
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  test('makes no call when the signal is aborted already', async () => {
    const reason = new Error('before');
    await expect(make().execute(succeed, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test.each<[BreakerOptions, string]>([
    [{ failurePercent: 0 }, 'breaker api: option failurePercent must be a number from 1 to 100, not 0'],
    [{ minimumCalls: 2.5 }, 'option minimumCalls must be an integer from 1 to 1000000, not 2.5'],
    [{ openMs: -1 }, 'option openMs must be a number from 1 to 86400000, not -1'],
    [{ windowMs: 0 }, 'option windowMs'],
    [{ slowCallMs: 0 }, 'option slowCallMs'],
  ])('refuses %j', (options, message) => {
    expect(() => createBreaker('api', options)).toThrow(message);
  });
});
