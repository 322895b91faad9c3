import { describe, expect, test } from '@jest/globals';
import { createMemoryHub } from './memory/memory-hub.ts';
import { type CallEnd, isWaitingCall, watchCalls } from './watch-calls.ts';

function scene() {
  const ends: CallEnd[] = [];
  let now = 0;
  const inner = createMemoryHub().connect({ name: 'orchestrator-1', side: 'orchestrator' });
  const transport = watchCalls(
    inner,
    (end) => ends.push(end),
    () => (now += 5),
  );
  return { ends, inner, transport };
}

describe('watchCalls', () => {
  test('tells of every call that ended, with its time and whether it worked', async () => {
    const { ends, inner, transport } = scene();
    await expect(transport.kinds()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await transport.start();
    expect(await transport.beginEpoch('e1')).toBe('e1');
    expect(await transport.epoch()).toBe('e1');
    expect(ends).toEqual([
      { call: 'kinds', durationMs: 5, ok: false },
      { call: 'beginEpoch', durationMs: 5, ok: true },
      { call: 'epoch', durationMs: 5, ok: true },
    ]);
    await transport.close();
    expect(inner.up).toBe(false);
  });

  test('is the same transport: name, state and handlers', async () => {
    const { inner, transport } = scene();
    expect([transport.name, transport.up]).toEqual([inner.name, false]);
    await transport.start();
    expect(transport.up).toBe(true);
    const heard: string[] = [];
    const end = transport.onControl(({ type }) => heard.push(type));
    await transport.publish('orchestrators', { v: 1, type: 'events', runs: [] });
    await new Promise(setImmediate);
    end();
    expect(heard).toEqual(['events']);
    await transport.close();
  });

  test('offers every method of the transport', () => {
    const { inner, transport } = scene();
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(inner)).filter((name) => name !== 'constructor');
    expect(methods.length).toBeGreaterThan(15);
    for (const name of methods) if (name in transport) expect(typeof Reflect.get(transport, name)).toBe(typeof Reflect.get(inner, name));
  });

  test('knows the calls that wait for messages', () => {
    expect([isWaitingCall('receiveTasks'), isWaitingCall('receiveResults'), isWaitingCall('sendTasks')]).toEqual([true, true, false]);
  });
});
