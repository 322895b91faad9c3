import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AbortScope, raceAbort } from './abort-scope.ts';
import { deferred } from './deferred.ts';

describe('AbortScope', () => {
  test('aborts with its parent and for the same reason', () => {
    const parent = new AbortController();
    const scope = new AbortScope(parent.signal);
    const reason = new Error('parent');
    parent.abort(reason);
    expect(scope.signal.reason).toBe(reason);
  });

  test('is aborted from the start under an aborted parent', () => {
    const reason = new Error('before');
    expect(new AbortScope(AbortSignal.abort(reason)).signal.reason).toBe(reason);
  });

  test('does not abort its parent, and lets go of it when disposed', () => {
    const parent = new AbortController();
    {
      using scope = new AbortScope(parent.signal);
      scope.abort(new Error('own'));
      expect(parent.signal.aborted).toBe(false);
    }
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
  });
});

describe('raceAbort', () => {
  test('passes the result and the error of the function through', async () => {
    const { signal } = new AbortController();
    await expect(raceAbort(() => 7, signal)).resolves.toBe(7);
    const error = new Error('own');
    await expect(
      raceAbort(() => {
        throw error;
      }, signal),
    ).rejects.toBe(error);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('stops waiting for work that ignores the signal', async () => {
    const controller = new AbortController();
    const work = deferred<string>();
    const raced = raceAbort(() => work.promise, controller.signal);
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(raced).rejects.toBe(reason);
    work.reject(new Error('nobody hears this'));
  });

  test('rejects with the reason even when the work fails because of the abort', async () => {
    const controller = new AbortController();
    const work = deferred<string>();
    const raced = raceAbort(() => work.promise, controller.signal);
    const reason = new Error('stop');
    work.reject(new Error('socket closed'));
    controller.abort(reason);
    await expect(raced).rejects.toBe(reason);
  });

  test('does not call the function when the signal is aborted already', async () => {
    let called = false;
    await expect(raceAbort(() => (called = true), AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(called).toBe(false);
  });
});
