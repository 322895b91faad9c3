import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEADLINE_HEADER, deadlineForEnvelope, deadlineFromEnvelope, deadlineFromHeaders, deadlineHeaders } from './deadline-wire.ts';
import { currentDeadline, deadlineIn, noDeadline, remainingMs, underDeadline } from './deadline.ts';
import { retry } from './retry.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { withTimeout } from './with-timeout.ts';

const never = () => new Promise<never>(() => undefined);

describe('a deadline', () => {
  test('follows the asynchronous work that runs under it, and nothing else', async () => {
    const clock = new FakeClock();
    expect(currentDeadline()).toBeUndefined();
    expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
    const seen = underDeadline(deadlineIn('request', 100, clock), async () => {
      await Promise.resolve();
      return remainingMs();
    });
    expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
    await expect(seen).resolves.toBe(100);
  });

  test('is never later than that of what it is part of', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 }), (lengths) => {
        const clock = new FakeClock();
        const leftMs = (rest: readonly number[]): number => {
          const [first, ...others] = rest;
          if (first === undefined) return remainingMs();
          return underDeadline(deadlineIn('level', first, clock), () => leftMs(others));
        };
        expect(leftMs(lengths)).toBe(Math.min(...lengths));
      }),
    );
  });

  test('cuts a timeout that is longer, with its name and as final', async () => {
    const clock = new FakeClock();
    const work = underDeadline(deadlineIn('request 7', 100, clock), () => withTimeout(never, 5_000, { clock, name: 'query' }));
    const failed = expect(work).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      disposition: 'terminal',
      message: 'query was cut by the deadline of request 7',
    });
    await clock.advance(100);
    await failed;
  });

  test('leaves a timeout that is shorter alone', async () => {
    const clock = new FakeClock();
    const work = underDeadline(deadlineIn('request', 1_000, clock), () => withTimeout(never, 100, { clock }));
    const failed = expect(work).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(100);
    await failed;
  });

  test('that has passed lets nothing begin', async () => {
    const clock = new FakeClock();
    let called = false;
    const deadline = deadlineIn('request', 100, clock);
    await clock.advance(101);
    const work = underDeadline(deadline, () => withTimeout(() => (called = true), 1_000, { clock }));
    await expect(work).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(called).toBe(false);
    expect(underDeadline(deadline, remainingMs)).toBe(0);
  });

  test('ends retries: no wait is begun that would outlast it', async () => {
    const clock = new FakeClock();
    const giveUps: string[] = [];
    const fail = () => Promise.reject(new DOMException('late', 'TimeoutError'));
    const work = underDeadline(deadlineIn('request', 2_500, clock), () =>
      retry(fail, { clock, jitter: 'none', onGiveUp: ({ reason, attempts }) => giveUps.push(`${reason} after ${attempts}`) }),
    );
    const failed = expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
    await clock.advance(1_000);
    await failed;
    expect(giveUps).toEqual(['time after 2']);
  });

  test('does not reach work that is done for several', () => {
    const clock = new FakeClock();
    underDeadline(deadlineIn('request', 100, clock), () => {
      underDeadline(noDeadline, () => {
        expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
        expect(deadlineHeaders()).toEqual({});
      });
    });
  });
});

describe('a deadline between processes', () => {
  test('travels in a header as the time that is left, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), fc.integer({ min: 0, max: 10_000 }), (ms, zero) => {
        const headers = deadlineHeaders(deadlineIn('sender', ms, new FakeClock()));
        const received = deadlineFromHeaders(headers, 'receiver', new FakeClock(zero));
        expect(received?.leftMs()).toBe(ms);
        expect(deadlineFromHeaders(new Headers(headers), 'receiver', new FakeClock())?.leftMs()).toBe(ms);
      }),
    );
  });

  test('is absent without one, a day at most, and 0 when it has passed', async () => {
    const clock = new FakeClock();
    expect(deadlineHeaders()).toEqual({});
    expect(deadlineFromHeaders({}, 'x')).toBeUndefined();
    expect(deadlineFromHeaders({ [DEADLINE_HEADER]: '999999999999' }, 'x', clock)?.leftMs()).toBe(86_400_000);
    const passed = deadlineIn('x', 5, clock);
    await clock.advance(10);
    expect(deadlineHeaders(passed)).toEqual({ [DEADLINE_HEADER]: '0' });
  });

  test.each(['', '-1', '1e3', '12.5', 'soon', '1'.repeat(16)])('takes %j in a header for none', (value) => {
    expect(deadlineFromHeaders({ [DEADLINE_HEADER]: value }, 'x')).toBeUndefined();
    expect(deadlineFromHeaders({ [DEADLINE_HEADER]: [value] }, 'x')).toBeUndefined();
  });

  test('never reaches beyond that of the receiver', () => {
    const clock = new FakeClock();
    underDeadline(deadlineIn('server', 50, clock), () => {
      expect(deadlineFromHeaders({ [DEADLINE_HEADER]: '70' }, 'x', clock)?.leftMs()).toBe(50);
    });
  });

  test('travels in an envelope as a moment of the shared clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400_000 }), fc.integer({ min: 0, max: 5_000 }), (ms, wayMs) => {
        const now = 1_767_225_600_000;
        const deadline = deadlineForEnvelope(now, deadlineIn('run', ms, new FakeClock()));
        const clock = new FakeClock(7);
        expect(deadlineFromEnvelope({ ...(deadline === undefined ? {} : { deadline }) }, now + wayMs, 'task', clock)?.leftMs()).toBe(
          ms - wayMs,
        );
      }),
    );
    expect(deadlineForEnvelope(5)).toBeUndefined();
    expect(deadlineFromEnvelope({}, 5, 'task')).toBeUndefined();
  });
});
