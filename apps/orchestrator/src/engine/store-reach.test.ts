import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { DependencyError, TimeoutError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import { FakeClock } from '@mainstay/utils/testing';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/store.ts';
import { StoreReach } from './store-reach.ts';

const away = new DependencyError('POSTGRES_UNAVAILABLE', 'away');

/** A store of which each method does what the test says; by default it says nothing. */
function scene() {
  const time = new FakeClock();
  let stoodStillMs = 0;
  const clock: Clock = {
    now: () => time.now(),
    monotonic: () => time.monotonic() + stoodStillMs,
    setTimeout: (fn, ms) => time.setTimeout(fn, ms),
    clearTimeout: (handle) => {
      time.clearTimeout(handle);
    },
    sleep: (ms, signal) => time.sleep(ms, signal),
  };
  const silence = (): Promise<never> => new Promise(() => undefined);
  const does = { load: silence as Store['load'], ping: silence as Store['ping'] };
  const pings: AbortSignal[] = [];
  const store: Store = {
    ...createMemoryStore(),
    load: (runs) => does.load(runs),
    ping: (signal) => {
      pings.push(signal);
      return does.ping(signal);
    },
  };
  const changes: boolean[] = [];
  const logger = createLogger({ service: 'test', level: 'silent' });
  const reach: StoreReach = new StoreReach({ store, clock, logger, muteMs: 1_500, onChange: () => void changes.push(reach.mute) });
  const ask = (): void => void reach.store.load([]).catch(() => undefined);
  const standStill = (ms: number): void => void (stoodStillMs += ms);
  return { time, does, pings, changes, reach, ask, standStill };
}

describe('whether the store can be reached', () => {
  test('nobody waits for anything while nothing is asked', async () => {
    const { time, reach, does, ask } = scene();
    expect([time.pendingTimers, reach.mute, reach.doubtful, reach.refusal()]).toEqual([0, false, false, undefined]);
    does.load = () => Promise.resolve(new Map());
    ask();
    await time.advance(60_000);
    expect([time.pendingTimers, reach.mute]).toEqual([0, false]);
  });

  test('a store that says nothing is mute, and no more with its first answer', async () => {
    const { time, reach, does, pings, changes, ask } = scene();
    ask();
    await time.advance(499);
    expect([reach.doubtful, pings.length]).toEqual([false, 0]);
    await time.advance(1);
    expect([reach.doubtful, pings.length]).toEqual([true, 1]);
    await time.advance(999);
    expect(changes).toEqual([]);
    await time.advance(1);
    expect([changes, reach.refusal()]).toEqual([[true], expect.objectContaining({ code: 'POSTGRES_UNAVAILABLE', retryAfterMs: 1_000 })]);
    does.ping = () => Promise.resolve();
    await time.advance(2_000);
    expect([changes, reach.mute, reach.refusal()]).toEqual([[true, false], false, undefined]);
    expect(pings[0]?.aborted).toBe(true);
  });

  test('a store that is busy answers a ping, and so is not mute however long a statement takes', async () => {
    const { time, reach, does, pings, changes, ask } = scene();
    does.ping = () => Promise.resolve();
    ask();
    await time.advance(60_000);
    expect([changes, reach.mute]).toEqual([[], false]);
    expect(pings.length).toBeGreaterThan(50);
  });

  test('a server that nobody reaches is mute as well; one that says no is not', async () => {
    const { time, reach, does, changes, ask } = scene();
    does.load = () => Promise.reject(new TimeoutError('OPERATION_TIMEOUT', 'its own limit'));
    does.ping = () => Promise.reject(away);
    ask();
    await time.advance(5_000);
    expect([changes, time.pendingTimers]).toEqual([[], 0]);
    does.load = () => Promise.reject(away);
    ask();
    await time.advance(1_500);
    expect(changes).toEqual([true]);
    does.ping = () => Promise.resolve();
    await time.advance(500);
    expect([changes, reach.doubtful]).toEqual([[true, false], false]);
  });

  test('a process without file handles says so, and keeps the connections that it has', async () => {
    const { time, reach, does, ask } = scene();
    const handles = new DependencyError('OUT_OF_FILE_HANDLES', 'connect EMFILE');
    does.load = () => Promise.reject(handles);
    does.ping = () => Promise.reject(handles);
    ask();
    await time.advance(1_500);
    expect([reach.mute, reach.cutOff]).toEqual([true, false]);
    expect(reach.refusal()).toMatchObject({ code: 'OUT_OF_FILE_HANDLES', details: { resource: 'file-handles' } });
    does.ping = () => Promise.reject(away);
    does.load = () => Promise.resolve(new Map());
    ask();
    await time.advance(1);
    expect([reach.mute, reach.refusal()]).toEqual([false, undefined]);
  });

  test('when this process itself stood still, answers get their time', async () => {
    const { time, changes, ask, standStill } = scene();
    ask();
    await time.advance(750);
    standStill(10_000);
    await time.advance(1_250);
    expect(changes).toEqual([]);
    await time.advance(500);
    expect(changes).toEqual([true]);
  });

  test('leaves no timer behind', async () => {
    const { time, reach, ask } = scene();
    ask();
    await time.advance(700);
    expect(time.pendingTimers).toBeGreaterThan(0);
    reach.stop();
    await time.advance(0);
    ask();
    expect(time.pendingTimers).toBe(0);
  });
});
