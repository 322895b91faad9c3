import { getEventListeners } from 'node:events';
import { AgentError, NetworkError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import { hedge, type HedgeCall, type HedgeOptions } from './hedge.ts';
import { createMeasuredDelay } from './measured-delay.ts';
import { createRetryBudget } from './retry-budget.ts';
import { FakeClock } from './testing/fake-clock.ts';

interface Told {
  readonly call: number;
  readonly at: number;
}

/** Calls that take so many milliseconds each; negative: fails after them. */
function scene(durations: readonly number[], options: Partial<HedgeOptions<string>> = {}, error: Error = new NetworkError('down')) {
  const clock = new FakeClock();
  const begun: Told[] = [];
  const aborted: number[] = [];
  const fn = async ({ number, signal }: HedgeCall) => {
    begun.push({ call: number, at: clock.monotonic() });
    signal.addEventListener('abort', () => aborted.push(number));
    const ms = durations[number - 1] ?? 0;
    await clock.sleep(Math.abs(ms), signal);
    if (ms < 0) throw error;
    return `answer ${number}`;
  };
  const work = hedge(fn, { delayMs: 100, clock, ...options });
  work.catch(() => undefined);
  return { clock, begun, aborted, work };
}

describe('hedge', () => {
  test('makes one call when that is quick', async () => {
    const { clock, begun, work } = scene([50]);
    await clock.advance(1_000);
    await expect(work).resolves.toBe('answer 1');
    expect(begun).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('makes another when it is slow, takes the first answer and tells the other to stop', async () => {
    const hedged: number[] = [];
    const { clock, begun, aborted, work } = scene([5_000, 30], { onHedge: (call) => hedged.push(call) });
    await clock.advance(130);
    await expect(work).resolves.toBe('answer 2');
    expect(begun).toEqual([
      { call: 1, at: 0 },
      { call: 2, at: 100 },
    ]);
    expect(aborted).toContain(1);
    expect(hedged).toEqual([2]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('goes on to as many calls as it may, each after its delay', async () => {
    let delay = 100;
    const { clock, begun, work } = scene([5_000, 5_000, 10], { maxCalls: 3, delayMs: () => (delay += 50) });
    await clock.advance(1_000);
    await expect(work).resolves.toBe('answer 3');
    expect(begun.map(({ at }) => at)).toEqual([0, 150, 350]);
  });

  test('calls again at once when a call failed in a way that another may not', async () => {
    const { clock, begun, work } = scene([-20, 30]);
    await clock.advance(50);
    await expect(work).resolves.toBe('answer 2');
    expect(begun.map(({ at }) => at)).toEqual([0, 20]);
  });

  test('waits for the calls that still run when one fails and there is no further one', async () => {
    const { clock, work } = scene([500, -20]);
    await clock.advance(500);
    await expect(work).resolves.toBe('answer 1');
  });

  test('rejects with the last error when all have failed', async () => {
    const { clock, work } = scene([-150, -20]);
    await clock.advance(1_000);
    await expect(work).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('rejects at once with an error that every call would get', async () => {
    const { clock, begun, work } = scene([-20], {}, new AgentError('AGENT_REJECTED', 'no'));
    await clock.advance(20);
    await expect(work).rejects.toMatchObject({ code: 'AGENT_REJECTED' });
    expect(begun).toHaveLength(1);
  });

  test('calls again only after a failure when the delay has no end', async () => {
    const patient = scene([60_000, 1], { delayMs: Number.POSITIVE_INFINITY });
    await patient.clock.advance(60_000);
    await expect(patient.work).resolves.toBe('answer 1');
    expect(patient.begun).toHaveLength(1);
    const failing = scene([-60_000, 1], { delayMs: () => Number.POSITIVE_INFINITY });
    await failing.clock.advance(60_001);
    await expect(failing.work).resolves.toBe('answer 2');
  });

  test('takes a result that is a failure for one, and gives the last one back when no call has a better one', async () => {
    const bad = (...results: readonly string[]) => ({ isFailedResult: (value: unknown) => results.some((result) => result === value) });
    const better = scene([20, 30], bad('answer 1'));
    await better.clock.advance(50);
    await expect(better.work).resolves.toBe('answer 2');
    expect(better.begun.map(({ at }) => at)).toEqual([0, 20]);
    const none = scene([20, 30], { ...bad('answer 1', 'answer 2'), shouldHedge: () => false });
    await none.clock.advance(50);
    await expect(none.work).resolves.toBe('answer 2');
    expect(none.clock.pendingTimers).toBe(0);
  });

  test('follows what first calls take when its delay is measured', async () => {
    const delay = createMeasuredDelay({ initialMs: 1_000, percentile: 90 });
    const run = async (durations: readonly number[]) => {
      const { clock, begun, work } = scene(durations, { delayMs: delay });
      await clock.advance(10_000);
      await work;
      return begun.map(({ at }) => at);
    };
    expect(await run([3_000, 5])).toEqual([0, 1_000]);
    for (let ms = 12; ms < 30; ms += 2) await run([ms]);
    expect(delay.delayMs).toBe(28);
    expect(await run([3_000, 5])).toEqual([0, 28]);
  });

  test('makes no further call without budget', async () => {
    const budget = createRetryBudget({ ratio: 0, perSecond: 0, burst: 1 });
    budget.withdraw();
    const { clock, begun, work } = scene([500], { budget });
    await clock.advance(500);
    await expect(work).resolves.toBe('answer 1');
    expect(begun).toHaveLength(1);
  });

  test('ends at once when the caller gives up, and so do its calls', async () => {
    const controller = new AbortController();
    const { clock, aborted, work } = scene([5_000, 5_000], { signal: controller.signal });
    await clock.advance(200);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(aborted.toSorted()).toEqual([1, 2]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
    await expect(hedge(() => 1, { delayMs: 1, signal: controller.signal })).rejects.toBe(reason);
  });

  test('runs work that answers without waiting, and takes what it throws for its failure', async () => {
    const clock = new FakeClock();
    await expect(hedge(() => 'now', { delayMs: 5, clock })).resolves.toBe('now');
    const error = new Error('at once');
    await expect(
      hedge(
        () => {
          throw error;
        },
        { delayMs: 5, clock },
      ),
    ).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    [{ maxCalls: 0 }, 'maxCalls'],
    [{ delayMs: -1 }, 'delayMs'],
  ])('refuses %j', async (options, name) => {
    await expect(hedge(() => 1, { delayMs: 1, ...options })).rejects.toThrow(`hedge: option ${name}`);
  });
});
