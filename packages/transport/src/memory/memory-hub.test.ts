import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import { testKeys, taskMessage, transportContract } from '../testing/index.ts';
import { createMemoryHub } from './memory-hub.ts';

transportContract('memory', () => {
  const hub = createMemoryHub({ keys: testKeys });
  return Promise.resolve({
    connect: (options) => hub.connect(options),
    inject: (lane, frame) => {
      hub.inject(lane, frame);
      return Promise.resolve();
    },
    injectControl: (channel, frame) => {
      hub.injectControl(channel, frame);
      return Promise.resolve();
    },
    payloads: () => Promise.resolve(hub.payloads()),
    setPayload: (name, text) => {
      hub.setPayload(name, text);
      return Promise.resolve();
    },
    wipe: () => {
      hub.wipe();
      return Promise.resolve();
    },
    kill: (name) => {
      hub.kill(name);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

const never = new AbortController().signal;

describe('a memory hub', () => {
  test('waits by the clock it is given and sets no other timer', async () => {
    const clock = new FakeClock();
    const hub = createMemoryHub({ clock });
    const worker = hub.connect({ name: 'w', side: 'worker' });
    await worker.start();
    let found: unknown;
    const waiting = worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 3_600_000, signal: never }).then((tasks) => (found = tasks));
    await clock.advance(3_599_999);
    expect(found).toBeUndefined();
    await clock.advance(1);
    await waiting;
    expect(found).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('breaks and mends a connection, and says so once', async () => {
    const hub = createMemoryHub();
    const seen: string[] = [];
    const worker = hub.connect({ name: 'w', side: 'worker', onUp: () => seen.push('up'), onDown: (error) => seen.push(error.message) });
    const other = hub.connect({ name: 'o', side: 'orchestrator' });
    await Promise.all([worker.start(), other.start()]);
    const waiting = expect(worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 1_000, signal: never })).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
    });
    hub.disconnect('w');
    hub.disconnect('w');
    await waiting;
    expect(await other.present(['w'])).toEqual(new Set());
    await expect(worker.sendTasks([taskMessage()])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    hub.reconnect();
    expect(await other.present(['w'])).toEqual(new Set(['w']));
    await worker.sendTasks([taskMessage()]);
    expect(seen).toEqual(['up', expect.stringContaining('down'), 'up']);
  });

  test('does not bring a killed process back', async () => {
    const hub = createMemoryHub();
    const worker = hub.connect({ name: 'w', side: 'worker' });
    await worker.start();
    hub.kill('w');
    hub.reconnect('w');
    await expect(worker.epoch()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  });

  test('hands out copies, so that nobody can change what another holds', async () => {
    const hub = createMemoryHub();
    const worker = hub.connect({ name: 'w', side: 'worker' });
    await worker.start();
    const sent = taskMessage({ input: { list: [1] } });
    await worker.sendTasks([sent]);
    const [received] = await worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 0, signal: never });
    expect(received?.message.input).toEqual(sent.input);
    expect(received?.message.input).not.toBe(sent.input);
  });
});
