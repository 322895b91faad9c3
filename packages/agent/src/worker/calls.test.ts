import { expect, test } from '@jest/globals';
import { NetworkError, ValidationError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { Calls } from './calls.ts';
import type { CallEnd } from './worker-options.ts';

function scene() {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const metrics = {
    callEnded: ({ name, outcome }: CallEnd) => told.push(`${name} ${outcome}`),
    callRetried: (name: string) => told.push(`${name} retried`),
    breaker: (name: string, state: string) => told.push(`${name} ${state}`),
  };
  const lines: unknown[] = [];
  const log = (fields: unknown, message?: string) => lines.push([message, fields]);
  const calls = new Calls(clock, metrics, { debug: log, info: log, warn: log, error: log });
  const { signal } = new AbortController();
  return { clock, told, lines, calls, signal };
}

test('a call is told once, with its retries', async () => {
  const { clock, told, calls, signal } = scene();
  let tries = 0;
  const called = calls.call(
    'search',
    () => {
      tries += 1;
      if (tries < 3) throw new NetworkError('no answer');
      return 'found';
    },
    signal,
    {},
  );
  await clock.advance(60_000);
  expect(await called).toBe('found');
  expect(told).toEqual(['search closed', 'search retried', 'search retried', 'search succeeded']);
  calls.close();
});

test('failures, cancellations and refusals by an open circuit are told apart', async () => {
  const { told, calls, signal } = scene();
  const once = { maxAttempts: 1 };
  const fail = (error: unknown) => () => {
    throw error;
  };
  await expect(calls.call('a', fail(new ValidationError('VALIDATION_FAILED', 'no')), signal, once)).rejects.toThrow('no');
  await expect(calls.call('a', () => 1, AbortSignal.abort(new Error('given up')), once)).rejects.toThrow('given up');
  for (let i = 0; i < 10; i++) await calls.call('b', fail(new NetworkError('down')), signal, once).catch(() => undefined);
  await expect(calls.call('b', () => 1, signal, once)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
  expect(told.filter((text) => text !== 'b failed')).toEqual(['a closed', 'a failed', 'a cancelled', 'b closed', 'b open', 'b refused']);
  calls.close();
});

test('the log says when a circuit opened, with the error that did it, and when it closed', async () => {
  const { clock, lines, calls, signal } = scene();
  const down = new NetworkError('down');
  const work = (fn: () => unknown) => calls.call('search', fn, signal, { maxAttempts: 1 }).catch(() => undefined);
  for (let i = 0; i < 12; i++) await work(() => Promise.reject(down));
  await clock.advance(60_000);
  await work(() => 'found');
  expect(lines).toEqual([
    ['a circuit opened: calls under this name are refused', { call: 'search', err: down }],
    ['a circuit closed: calls under this name are made again', { call: 'search' }],
  ]);
  calls.close();
});
