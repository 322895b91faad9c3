import { NetworkError } from '@mainstay/types';
import { type Priority, sleep } from '@mainstay/utils';
import { FakeClock } from '@mainstay/utils/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ResourceSample } from '../resources/resource-sample.ts';
import { calmSample } from '../testing/samples.ts';
import { createHardening, type Hardening } from './hardening.ts';
import type { HardeningOptions } from './hardening-options.ts';

const MB = 1_048_576;
const made: Hardening[] = [];
afterEach(async () => {
  for (const hardening of made.splice(0)) await hardening.close();
});

/** A hardened process whose use of resources is what the test says. */
function scene(options: Partial<HardeningOptions> = {}) {
  const clock = new FakeClock();
  let now: Partial<ResourceSample> = {};
  const sampler = { sample: () => calmSample({ ...now, atMs: clock.monotonic() }), [Symbol.dispose]: () => undefined };
  const hardening = createHardening({
    profile: 'production',
    clock,
    sampler,
    watchUnhandled: false,
    retry: { jitter: 'none', baseMs: 100 },
    ...options,
  });
  made.push(hardening);
  const use = async (sample: Partial<ResourceSample>, seconds: number) => {
    now = sample;
    await clock.advance(seconds * 1_000);
  };
  return { clock, hardening, use };
}

/** Work that ends when the test says so, or when it is told to stop. */
function held() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const state = { begun: 0, reason: undefined as unknown };
  const work = async ({ signal }: { readonly signal: AbortSignal }) => {
    state.begun += 1;
    signal.addEventListener('abort', () => {
      state.reason = signal.reason;
    });
    await promise;
    return 'done';
  };
  return { work, state, end: () => resolve(undefined) };
}

describe('execute', () => {
  test('runs work and gives back what it gives', async () => {
    const { hardening } = scene();
    expect(
      await hardening.execute('greet', ({ number, context }) => `hello ${context['name'] ?? ''}, ${number}`, { context: { name: 'Ada' } }),
    ).toBe('hello Ada, 1');
  });

  test('gives up work that takes too long, and aborts its signal', async () => {
    const { hardening, clock } = scene();
    const { work, state } = held();
    const slow = expect(hardening.execute('slow', work, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(499);
    expect(state.reason).toBeUndefined();
    await clock.advance(1);
    await slow;
    expect(state.reason).toMatchObject({ code: 'OPERATION_TIMEOUT' });
  });

  test('gives the profile ten seconds without a word about it', async () => {
    const { hardening, clock } = scene();
    const slow = expect(hardening.execute('slow', held().work)).rejects.toMatchObject({ details: { timeoutMs: 10_000 } });
    await clock.advance(10_000);
    await slow;
  });

  test.each([
    [true, 3],
    [false, 1],
  ])('tries again what may be done twice (%p), and nothing else', async (idempotent, attempts) => {
    const { hardening, clock } = scene();
    let tried = 0;
    const run = hardening.execute(
      'flaky',
      () => {
        tried += 1;
        if (tried < 3) throw new NetworkError('the line is busy');
        return tried;
      },
      { idempotent },
    );
    const ended = run.catch((error: unknown) => error);
    await clock.advance(1_000);
    await ended;
    expect(tried).toBe(attempts);
  });

  test('stops calling what fails: each name has a breaker of its own', async () => {
    const { hardening } = scene();
    const fail = () => Promise.reject(new NetworkError('down'));
    for (let n = 0; n < 10; n++) await expect(hardening.execute('weather', fail)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    let called = false;
    await expect(hardening.execute('weather', () => (called = true))).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(called).toBe(false);
    expect(await hardening.execute('rates', () => 'fine')).toBe('fine');
    expect(hardening.health().breakers).toEqual([
      { name: 'weather', state: 'open' },
      { name: 'rates', state: 'closed' },
    ]);
  });

  test('runs no more at the same time than the profile allows; the others wait', async () => {
    const { hardening } = scene();
    const { work, state, end } = held();
    const all = Array.from({ length: 60 }, (_, n) => hardening.execute(`busy ${n % 2}`, work));
    await sleep(1);
    expect(state.begun).toBe(50);
    expect(hardening.bulkhead.stats).toMatchObject({ active: 50, waiting: 10, limit: 50 });
    end();
    await Promise.all(all);
    expect(state.begun).toBe(60);
  });

  test('leaves places to others, whatever hangs on one operation', async () => {
    const { hardening } = scene();
    const { work, state, end } = held();
    const hanging = Array.from({ length: 60 }, () => hardening.execute('hangs', work));
    await sleep(1);
    expect(state.begun).toBe(40);
    expect(await hardening.execute('other', () => 'done')).toBe('done');
    expect(hardening.bulkhead.stats).toMatchObject({ active: 40, waiting: 0 });
    end();
    await Promise.all(hanging);
    expect(state.begun).toBe(60);
    expect(() => scene({ maxShare: 0 })).toThrow(/maxShare/);
  });

  test('gives each operation a breaker as it is told', async () => {
    const { hardening } = scene({ breaker: { minimumCalls: 2 } });
    const fails = () => hardening.execute('weather', () => Promise.reject(new NetworkError('down'))).catch(() => undefined);
    await fails();
    await fails();
    expect(hardening.health().breakers).toEqual([{ name: 'weather', state: 'open' }]);
  });

  test('refuses what asks for more memory than is left, at once', async () => {
    const { hardening } = scene();
    const { work, end } = held();
    const large = { resources: { memoryBytes: 700 * MB } };
    const first = hardening.execute('large', work, large);
    await expect(hardening.execute('large', work, large)).rejects.toMatchObject({ code: 'OVERLOADED', disposition: 'retryable' });
    await expect(hardening.execute('huge', work, { resources: { memoryBytes: 2_000 * MB } })).rejects.toMatchObject({
      code: 'OVERLOADED',
      disposition: 'terminal',
    });
    end();
    await first;
    expect(await hardening.execute('large', () => 'fits', large)).toBe('fits');
  });

  test('files what fails, with the operation and the run, but neither refusals nor cancellations', async () => {
    const { hardening } = scene();
    await hardening.execute('broken', () => Promise.reject(new RangeError('bug')), { context: { run: 'run-1' } }).catch(() => undefined);
    const controller = new AbortController();
    const cancelled = hardening.execute('wanted', held().work, { signal: controller.signal });
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(hardening.errors.groups()).toEqual([expect.objectContaining({ name: 'RangeError', runs: ['run-1'], count: 1 })]);
  });
});

describe('a process that runs short', () => {
  const everything = async (hardening: Hardening) => {
    const taken: Priority[] = [];
    for (const priority of ['low', 'normal', 'high'] as const)
      await hardening
        .execute('any', () => taken.push(priority), { priority })
        .catch((error: unknown) => {
          const refusal = hardening.emergency.active ? ['EMERGENCY', 15_000] : ['OVERLOADED', 5_000];
          expect(error).toMatchObject({ code: refusal[0], retryAfterMs: refusal[1] });
          expect(() => {
            hardening.admit('any', priority);
          }).toThrow(expect.objectContaining({ code: refusal[0] }));
        });
    return taken;
  };

  test('lets fewer operations run while CPU is above its limit, and all of them when it is over', async () => {
    const { hardening, use } = scene();
    const begunOf50 = async () => {
      const { work, state, end } = held();
      const all = Array.from({ length: 50 }, (_, n) => hardening.execute(`busy ${n % 2}`, work));
      await sleep(1);
      const { begun } = state;
      end();
      await Promise.all(all);
      return begun;
    };
    expect(await begunOf50()).toBe(50);
    await use({ cpuShare: 0.95 }, 6);
    expect(await begunOf50()).toBeLessThan(10);
    expect(hardening.health().decision.reasons).toEqual(['cpu']);
    await use({}, 20);
    expect(await begunOf50()).toBe(50);
  });

  test('lets operations that wait begin as soon as more may run', async () => {
    const { hardening, use } = scene();
    await use({ cpuShare: 0.95 }, 8);
    const { work, state, end } = held();
    const all = Array.from({ length: 20 }, () => hardening.execute('busy', work));
    await sleep(1);
    const begun = state.begun;
    expect(begun).toBeLessThan(10);
    await use({}, 3);
    expect(state.begun).toBeGreaterThan(begun);
    end();
    await use({}, 20);
    await Promise.all(all);
  });

  test('sheds by priority as memory runs out', async () => {
    const { hardening, use } = scene();
    expect(await everything(hardening)).toEqual(['low', 'normal', 'high']);
    await use({ memoryShare: 0.92 }, 1);
    expect(await everything(hardening)).toEqual(['normal', 'high']);
    await use({ memoryShare: 0.97 }, 1);
    expect(await everything(hardening)).toEqual(['high']);
  });

  test('ends what is of low priority in an emergency, and comes out of it by itself', async () => {
    const done: string[] = [];
    const { hardening, use } = scene({ emergency: { actions: { 'clear-caches': { enter: () => void done.push('cleared') } } } });
    const low = held();
    const high = held();
    const lowRun = hardening.execute('batch', low.work, { priority: 'low', timeoutMs: 3_600_000 });
    const ended = expect(lowRun).rejects.toMatchObject({ code: 'CANCELLED', disposition: 'retryable' });
    const highRun = hardening.execute('payment', high.work, { priority: 'high', timeoutMs: 3_600_000 });
    await use({ memoryShare: 0.97 }, 4);
    await ended;
    expect(hardening.emergency.active).toBe(true);
    expect(done).toEqual(['cleared']);
    expect(high.state.reason).toBeUndefined();
    expect(await everything(hardening)).toEqual(['high']);
    await use({}, 40);
    expect(hardening.emergency.active).toBe(false);
    expect(await everything(hardening)).toEqual(['low', 'normal', 'high']);
    high.end();
    expect(await highRun).toBe('done');
  });

  test('goes into an emergency by hand at once', async () => {
    const { hardening } = scene();
    await hardening.emergency.enter('drill', 'ada');
    expect(await everything(hardening)).toEqual(['high']);
    await hardening.emergency.leave('over', 'ada');
    hardening.look();
    expect(await everything(hardening)).toEqual(['low', 'normal', 'high']);
  });
});

describe('health', () => {
  test('says what cost how much, own components included', async () => {
    const { hardening } = scene({ components: () => [{ name: 'postgres', value: 0, weight: 5, vital: true }] });
    expect(hardening.health()).toMatchObject({ score: 0, profile: 'production', emergency: false, costs: expect.any(Array) });
    expect(hardening.health().costs[0]?.name).toBe('postgres');
    const { hardening: well } = scene();
    expect(well.health().score).toBe(1);
  });

  test('falls with the share of operations that fail, and is itself again a minute later', async () => {
    const { hardening, clock } = scene();
    for (let n = 0; n < 9; n++) await hardening.execute(`op-${n}`, () => Promise.reject(new RangeError('bug'))).catch(() => undefined);
    const { score, costs } = hardening.health();
    expect(score).toBeLessThan(0.8);
    expect(costs[0]?.name).toBe('errors');
    await clock.advance(70_000);
    expect(hardening.health().score).toBe(1);
  });
});

describe('close', () => {
  test('takes nothing on any more, and leaves no timer and no listener', async () => {
    const listeners = process.listenerCount('uncaughtExceptionMonitor');
    const stored: unknown[] = [];
    const { hardening, clock } = scene({ watchUnhandled: true, errors: { store: async (deltas) => void stored.push(...deltas) } });
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(listeners + 1);
    await hardening.execute('broken', () => Promise.reject(new RangeError('bug'))).catch(() => undefined);
    await hardening.close();
    expect(stored).toHaveLength(1);
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(listeners);
    expect(clock.pendingTimers).toBe(0);
    await expect(hardening.execute('late', () => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('createHardening', () => {
  test('needs no more than the name of a profile', async () => {
    const hardening = createHardening('staging');
    made.push(hardening);
    // The process of the tests may be large and busy itself: then only the highest class is taken.
    expect(await hardening.execute('add', () => 1 + 1, { priority: 'high' })).toBe(2);
    expect(hardening.health()).toMatchObject({ profile: 'staging', decision: { concurrency: expect.any(Number) } });
  });
});
