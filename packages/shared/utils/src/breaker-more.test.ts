import { NetworkError } from '@mainstay/types';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createBreakers } from './breaker-registry.ts';
import type { BreakerStateChange } from './breaker.ts';
import { createBreaker } from './circuit-breaker.ts';
import type { BreakerOptions } from './circuit-breaker-options.ts';
import { deferred } from './deferred.ts';
import { FakeClock } from './testing/fake-clock.ts';

const fail = () => Promise.reject(new NetworkError('down'));
const succeed = () => Promise.resolve('ok');
const quiet = (work: Promise<unknown>) => work.catch(() => undefined);

function scene(options: BreakerOptions = {}) {
  const clock = new FakeClock();
  const breaker = createBreaker('api', { clock, ...options });
  const failTimes = async (count: number) => {
    for (let i = 0; i < count; i++) await quiet(breaker.execute(fail));
  };
  return { clock, breaker, failTimes };
}

describe('a breaker that counts the last calls', () => {
  test('opens after failures in a row, however far apart they are, and not by those before', async () => {
    const { breaker, clock } = scene({ windowCalls: 3, minimumCalls: 3, failurePercent: 100 });
    for (const work of [fail, fail, succeed, fail, fail]) {
      await quiet(breaker.execute(work));
      await clock.advance(600_000);
      expect(breaker.state).toBe('closed');
    }
    await quiet(breaker.execute(fail));
    expect(breaker.state).toBe('open');
  });

  test('refuses a window that could never open it', () => {
    expect(() => scene({ windowCalls: 9 })).toThrow(/windowCalls.*9/s);
  });
});

describe('a breaker', () => {
  test('is open exactly when its window says so, whatever the order of successes and failures', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (outcomes) => {
        const { breaker } = scene();
        let failures = 0;
        for (const [index, ok] of outcomes.entries()) {
          await quiet(breaker.execute(ok ? succeed : fail));
          if (!ok) failures += 1;
          // a success never opens it, however bad the rest of the window is
          const opens = !ok && index + 1 >= 10 && failures * 2 >= index + 1;
          expect(breaker.state).toBe(opens ? 'open' : 'closed');
          if (opens) return;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('sets no timer, neither closed nor open nor half-open', async () => {
    jest.useFakeTimers();
    try {
      const { clock, breaker, failTimes } = scene();
      await failTimes(9);
      await breaker.execute(succeed);
      expect([jest.getTimerCount(), clock.pendingTimers]).toEqual([0, 0]);
      await failTimes(1);
      expect(breaker.state).toBe('open');
      expect([jest.getTimerCount(), clock.pendingTimers]).toEqual([0, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('wants as many good probes as it is told, and lets no more run at a time', async () => {
    const { clock, breaker, failTimes } = scene({ probes: 2 });
    await failTimes(10);
    await clock.advance(60_000);
    const [one, two] = [deferred<string>(), deferred<string>()];
    const running = [breaker.execute(() => one.promise), breaker.execute(() => two.promise)];
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    one.resolve('first');
    await running[0];
    expect(breaker.state).toBe('half-open');
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    two.resolve('second');
    await running[1];
    expect(breaker.state).toBe('closed');
  });

  test('gives a probe that hangs up after the open time, and takes no verdict from it any more', async () => {
    const { clock, breaker, failTimes } = scene();
    await failTimes(10);
    await clock.advance(60_000);
    const hanging = deferred<string>();
    const probe = breaker.execute(() => hanging.promise);
    await clock.advance(59_999);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 1_000 });
    await clock.advance(1);
    const second = deferred<string>();
    const next = breaker.execute(() => second.promise);
    hanging.reject(new NetworkError('at last'));
    await expect(probe).rejects.toThrow('at last');
    expect(breaker.state).toBe('half-open');
    second.resolve('back');
    await next;
    expect(breaker.state).toBe('closed');
  });

  test('stays open longer each time a probe fails, to a bound, until it closes', async () => {
    const { clock, breaker, failTimes } = scene({ openMs: 1_000, openGrowth: 2, maxOpenMs: 3_000 });
    await failTimes(10);
    const opens: number[] = [];
    for (let probe = 0; probe < 4; probe++) {
      const since = clock.monotonic();
      while (breaker.state === 'open') await clock.advance(100);
      opens.push(clock.monotonic() - since);
      await failTimes(1);
    }
    expect(opens).toEqual([1_000, 2_000, 3_000, 3_000]);
    await clock.advance(3_000);
    await breaker.execute(succeed);
    await failTimes(10);
    await clock.advance(1_000);
    expect(breaker.state).toBe('half-open');
  });

  test('counts results that say that the dependency failed', async () => {
    const { breaker } = scene({ isFailedResult: (value) => value === 503 });
    for (let i = 0; i < 10; i++) await expect(breaker.execute(() => 503)).resolves.toBe(503);
    expect(breaker.state).toBe('open');
  });

  test('stays open for ever when it was opened by hand for ever', async () => {
    const { clock, breaker } = scene();
    breaker.trip(Number.POSITIVE_INFINITY);
    await clock.advance(1e9);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 3_600_000 });
    breaker.reset();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });

  test('tells once of what was done twice', () => {
    const { breaker } = scene();
    const changes: BreakerStateChange[] = [];
    breaker.on('state', (change) => changes.push(change));
    breaker.trip();
    breaker.trip();
    breaker.reset();
    breaker.reset();
    expect(changes).toEqual([
      { name: 'api', from: 'closed', to: 'open' },
      { name: 'api', from: 'open', to: 'closed' },
    ]);
  });

  test('says what opened it, each time, unless nothing was thrown', async () => {
    const { clock, breaker } = scene({ minimumCalls: 1, isFailedResult: (value) => value === 503 });
    const changes: unknown[] = [];
    breaker.on('state', ({ to, ...rest }) => changes.push('cause' in rest ? [to, rest.cause] : to));
    const [first, probe] = [new NetworkError('down'), new NetworkError('still down')];
    await quiet(breaker.execute(() => Promise.reject(first)));
    await clock.advance(60_000);
    await quiet(breaker.execute(() => Promise.reject(probe)));
    await clock.advance(60_000);
    await breaker.execute(succeed);
    await breaker.execute(() => 503);
    breaker.reset();
    breaker.trip();
    expect(changes).toEqual([['open', first], 'half-open', ['open', probe], 'half-open', 'closed', 'open', 'closed', 'open']);
  });

  test('counts calls given up for a timeout of the platform', async () => {
    const { breaker } = scene();
    const controller = new AbortController();
    const work = breaker.execute(() => new Promise(() => undefined), { signal: controller.signal });
    controller.abort(new DOMException('late', 'TimeoutError'));
    await quiet(work);
    expect(breaker.stats).toMatchObject({ calls: 1, failures: 1 });
  });

  test('names the timeout that opened it', async () => {
    const { clock, breaker } = scene({ minimumCalls: 1 });
    const causes: unknown[] = [];
    breaker.on('state', ({ cause }) => causes.push(cause));
    const late = new DOMException('late', 'TimeoutError');
    const controller = new AbortController();
    const work = breaker.execute(() => new Promise(() => undefined), { signal: controller.signal });
    controller.abort(late);
    await quiet(work);
    await clock.advance(0);
    expect(causes).toEqual([late]);
  });
});

describe('createBreakers', () => {
  test('gives the same breaker for the same name, with options of its own', async () => {
    const clock = new FakeClock();
    const breakers = createBreakers({ clock, byName: { fragile: { minimumCalls: 1 } } });
    expect(breakers.get('api')).toBe(breakers.get('api'));
    await quiet(breakers.get('fragile').execute(fail));
    await quiet(breakers.get('api').execute(fail));
    expect(breakers.stats()).toEqual([
      { name: 'api', state: 'closed', calls: 1, failures: 1, refused: 0 },
      { name: 'fragile', state: 'open', calls: 1, failures: 1, refused: 0 },
    ]);
    expect(breakers.find('api')).toBe(breakers.get('api'));
    expect(breakers.find('toString')).toBeUndefined();
    expect(breakers.get('toString').state).toBe('closed');
  });

  test('is bounded: what was unused for longest goes, open circuits last', async () => {
    const breakers = createBreakers({ maxBreakers: 3 });
    breakers.get('a').trip();
    const held = breakers.get('b');
    breakers.get('c');
    breakers.get('b');
    breakers.get('d');
    expect(breakers.stats().map(({ name }) => name)).toEqual(['a', 'b', 'd']);
    breakers.get('e');
    expect(breakers.find('b')).toBeUndefined();
    await expect(held.execute(succeed)).resolves.toBe('ok');
    for (const name of ['d', 'e']) breakers.get(name).trip();
    breakers.get('f');
    expect(breakers.find('a')).toBeUndefined();
    expect(breakers.size).toBe(3);
  });

  test('tells of the states of all, and refuses everything once it is closed', async () => {
    const changes: string[] = [];
    const breakers = createBreakers({ onState: ({ name, to }) => changes.push(`${name} ${to}`) });
    const breaker = breakers.get('api');
    breaker.trip();
    expect(changes).toEqual(['api open']);
    breakers.close();
    expect(breakers.size).toBe(0);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
