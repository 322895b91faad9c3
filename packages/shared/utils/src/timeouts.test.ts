import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remainingMs } from './deadline.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { defaultLevels, levelOptions, limitMs, TIMEOUT_LEVELS, type TimeoutLevel } from './timeout-levels.ts';
import { createTimeouts } from './timeouts.ts';

const never = () => new Promise<never>(() => undefined);

function scene(options: Parameters<typeof createTimeouts>[0] = {}) {
  const clock = new FakeClock();
  const told: string[] = [];
  const onTimeout = ({ level, name, end }: { level: string; name: string; end: string }) => told.push(`${level} ${name} ${end}`);
  return { clock, told, timeouts: createTimeouts({ clock, onTimeout, ...options }) };
}

describe('levels', () => {
  test('have the limits of 10 s, 2 min, 30 min and 5 min', () => {
    expect(TIMEOUT_LEVELS.map((level) => defaultLevels[level].ms)).toEqual([10_000, 120_000, 1_800_000, 300_000]);
  });

  test('are changed for the calls to come', async () => {
    const { clock, timeouts } = scene();
    timeouts.update('operation', { ms: 15_000, strategy: 'progressive' });
    expect(timeouts.level('operation')).toMatchObject({ ms: 15_000, strategy: 'progressive', extendMs: 7_500, maxMs: 60_000 });
    const failed = expect(timeouts.run('operation', never)).rejects.toMatchObject({ details: { timeoutMs: 15_000 } });
    await clock.advance(15_000);
    await failed;
  });

  test.each([
    [{ ms: 0 }, 'timeout session: option ms must be a number from 1 to 86400000, not 0'],
    [{ ms: 100, maxMs: 50 }, 'option maxMs'],
    [{ factor: 0.5 }, 'option factor'],
    [{ graceMs: -1 }, 'option graceMs'],
    [{ extendMs: 0 }, 'option extendMs'],
    [{ strategy: 'hope' as 'cut' }, 'option strategy must be one of cut, graceful, exponential, progressive, not hope'],
  ])('refuse %j', (changes, message) => {
    expect(() => levelOptions('session', defaultLevels.session, changes)).toThrow(message);
  });

  test('give later attempts more time when they grow, to a bound, and never less', () => {
    const options = levelOptions('operation', defaultLevels.operation, { ms: 100, strategy: 'exponential', factor: 3, maxMs: 1_000 });
    expect([1, 2, 3, 4, 50].map((attempt) => limitMs(options, attempt))).toEqual([100, 300, 900, 1_000, 1_000]);
    expect(limitMs({ ...options, strategy: 'cut' }, 4)).toBe(100);
  });
});

describe('a call under a limit', () => {
  test('passes results and errors through and leaves nothing behind', async () => {
    const { clock, timeouts } = scene();
    await expect(timeouts.run('request', () => 'done')).resolves.toBe('done');
    const error = new Error('own');
    await expect(timeouts.run('request', () => Promise.reject(error))).rejects.toBe(error);
    await expect(
      timeouts.run('request', () => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
    expect(timeouts.counts().request).toEqual({ running: 0, done: 3, late: 0, abandoned: 0, cancelled: 0, cutByParent: 0 });
  });

  test('never outlives what it runs in, however deep and whatever the strategies and the work', async () => {
    const strategies = ['cut', 'graceful', 'exponential', 'progressive'] as const;
    const level = fc.record({
      level: fc.constantFrom<TimeoutLevel>(...TIMEOUT_LEVELS),
      ms: fc.integer({ min: 10, max: 500 }),
      strategy: fc.constantFrom(...strategies),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(level, { minLength: 1, maxLength: 4 }), async (plan) => {
        const clock = new FakeClock();
        const ended: number[] = [];
        const nest = async (depth: number): Promise<void> => {
          const one = plan[depth];
          if (one === undefined) return never();
          const timeouts = createTimeouts({ clock, levels: { [one.level]: { ms: one.ms, strategy: one.strategy, graceMs: 20 } } });
          try {
            await timeouts.run(one.level, () => nest(depth + 1));
          } finally {
            ended[depth] = clock.monotonic();
          }
        };
        const outer = Promise.allSettled([nest(0)]);
        await clock.advance(5_000);
        await outer;
        const slack = plan.map(({ ms, strategy }) => ms + (strategy === 'graceful' ? 20 : 0));
        for (const [depth, at] of ended.entries()) {
          expect(at).toBeLessThanOrEqual(slack[depth] ?? 0);
          if (depth > 0) expect(at).toBeLessThanOrEqual(plan[depth - 1]?.ms ?? 0);
        }
        expect(ended).toHaveLength(plan.length);
      }),
      { numRuns: 60 },
    );
  });

  test('is cut by what it runs in with DEADLINE_EXCEEDED and its name', async () => {
    const { clock, timeouts, told } = scene();
    let inner: unknown;
    const query = async () => {
      inner = await timeouts.run('operation', never, { name: 'query', ms: 5_000 }).catch((error: unknown) => error);
      throw new Error('no answer', { cause: inner });
    };
    const failed = expect(timeouts.run('request', query, { name: 'GET /x', ms: 1_000 })).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
    });
    await clock.advance(1_000);
    await failed;
    expect(inner).toMatchObject({ code: 'DEADLINE_EXCEEDED', message: 'query was cut by the deadline of GET /x' });
    expect(told).toEqual(['operation query abandoned', 'request GET /x late']);
    expect(timeouts.counts().operation).toMatchObject({ abandoned: 1, cutByParent: 1, running: 0 });
  });

  test('does not begin when there is no time left', async () => {
    const { clock, timeouts } = scene();
    let called = false;
    const outer = timeouts.run(
      'request',
      async () => {
        await clock.sleep(1_000);
        await timeouts.run('operation', () => (called = true));
      },
      { ms: 1_000 },
    );
    const failed = expect(outer).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(5_000);
    await failed;
    expect(called).toBe(false);
  });

  test('tells the time that is left to what it runs', async () => {
    const { clock, timeouts } = scene();
    const left: number[] = [];
    await timeouts.run('session', () =>
      timeouts.run('operation', async ({ deadline }) => {
        left.push(remainingMs(), deadline.leftMs());
        await Promise.resolve();
        left.push(remainingMs());
      }),
    );
    expect(left).toEqual([10_000, 10_000, 10_000]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('ends at once when the caller gives up', async () => {
    const { clock, timeouts } = scene();
    const controller = new AbortController();
    const reason = new Error('enough');
    let seen: unknown;
    const work = timeouts.run('request', ({ signal }) => never().finally(() => (seen = signal)), { signal: controller.signal });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(seen).toBeUndefined();
    await expect(timeouts.run('request', never, { signal: controller.signal })).rejects.toBe(reason);
    expect(timeouts.counts().request).toMatchObject({ cancelled: 1, running: 0 });
    await clock.advance(2_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('graceful', () => {
  const graceful = { levels: { operation: { ms: 100, strategy: 'graceful', graceMs: 50 } } } as const;

  test('gives the work time to end after its signal, and takes what it still gives', async () => {
    const { clock, timeouts, told } = scene(graceful);
    const work = timeouts.run('operation', async ({ signal }) => {
      await clock.sleep(1_000, signal).catch(() => undefined);
      await clock.sleep(30);
      return 'partial';
    });
    await clock.advance(130);
    await expect(work).resolves.toBe('partial');
    expect(told).toEqual(['operation operation late']);
    expect(timeouts.counts().operation).toMatchObject({ late: 1, abandoned: 0 });
  });

  test('says that it took too long when the work ends with an error in that time', async () => {
    const { clock, timeouts } = scene(graceful);
    const work = expect(timeouts.run('operation', ({ signal }) => clock.sleep(1_000, signal))).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
    });
    await clock.advance(100);
    await work;
  });

  test('abandons work that does not end in that time', async () => {
    const { clock, timeouts, told } = scene(graceful);
    let settled = false;
    const work = timeouts.run('operation', never).catch((error: unknown) => {
      settled = true;
      return error;
    });
    await clock.advance(149);
    expect(settled).toBe(false);
    await clock.advance(1);
    await expect(work).resolves.toMatchObject({ code: 'OPERATION_TIMEOUT', details: { timeoutMs: 100 } });
    expect(told).toEqual(['operation operation abandoned']);
  });
});

describe('progressive', () => {
  const progressive = { levels: { session: { ms: 100, strategy: 'progressive', extendMs: 60, maxMs: 250 } } } as const;

  test('gives more time as long as the work gets on, up to the cap', async () => {
    const { clock, timeouts } = scene(progressive);
    const work = timeouts.run('session', async ({ progress, signal }) => {
      for (;;) {
        await clock.sleep(50, signal);
        progress();
      }
    });
    const failed = expect(work).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT', details: { timeoutMs: 250 } });
    await clock.advance(249);
    expect(timeouts.counts().session.running).toBe(1);
    await clock.advance(1);
    await failed;
  });

  test('gives none to work that stands still', async () => {
    const { clock, timeouts } = scene(progressive);
    const work = timeouts.run('session', async ({ progress, signal }) => {
      await clock.sleep(90, signal);
      progress();
      await clock.sleep(10_000, signal);
    });
    const failed = expect(work).rejects.toMatchObject({ details: { timeoutMs: 150 } });
    await clock.advance(150);
    await failed;
  });

  test('is the only strategy to which progress matters', async () => {
    const { clock, timeouts } = scene({ levels: { session: { ms: 100, strategy: 'cut' } } });
    const work = timeouts.run('session', async ({ progress, signal }) => {
      await clock.sleep(90, signal);
      progress();
      await clock.sleep(20, signal);
    });
    const failed = expect(work).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(100);
    await failed;
  });
});
