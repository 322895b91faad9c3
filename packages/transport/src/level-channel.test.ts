import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ControlMessage, controlMessages, type LevelNotice } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { openLevelChannel } from './level-channel.ts';
import { createMemoryHub } from './memory/memory-hub.ts';
import type { Side, Transport } from './transport.ts';

const notice: LevelNotice = { id: '01', level: 'debug', forMs: 60_000, by: 'ada' };
const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

function scene() {
  const hub = createMemoryHub();
  const clock = new FakeClock();
  const join = async (name: string, side: Side) => {
    const transport = hub.connect({ name, side });
    open.push(transport);
    await transport.start();
    const heard: LevelNotice[] = [];
    const channel = openLevelChannel(transport, { heard: (one) => void heard.push(one), side, clock });
    /** Shows itself, as processes do every second. */
    const show = async () => {
      await transport.publish('orchestrators', side === 'worker' ? beat(name) : sign(name));
      await delay(10);
    };
    return { transport, channel, heard, show };
  };
  return { clock, join };
}

const sign = (name: string): ControlMessage => ({ v: 1, type: 'orchestrator', name, draining: false, startedAt: 1 });
const beat = (worker: string): ControlMessage => ({
  ...{ v: 1, type: 'heartbeat', worker, host: 'h', pid: 1, version: '1', startedAt: 1 },
  ...{ capacity: 1, running: [], draining: false, rssBytes: 1, kinds: [] },
});

describe('openLevelChannel', () => {
  test('tells all processes, each once, and the one that announces', async () => {
    const { join } = scene();
    const all = [await join('o1', 'orchestrator'), await join('o2', 'orchestrator'), await join('w1', 'worker')];
    await all[0]?.channel.announce(notice);
    await delay(10);
    await all[2]?.show();
    for (const { heard } of all) expect(heard).toEqual([notice]);
  });

  test('tells who comes later what is left, also when the one that announced it is gone, and nobody when it is over', async () => {
    const { join, clock } = scene();
    const first = await join('o1', 'orchestrator');
    await join('o2', 'orchestrator');
    await first.channel.announce(notice);
    await first.transport.close();
    await clock.advance(20_000);
    const late = await join('w9', 'worker');
    await late.show();
    expect(late.heard).toEqual([{ ...notice, forMs: 40_000 }]);
    await clock.advance(40_000);
    const last = await join('w10', 'worker');
    await last.show();
    expect(last.heard).toEqual([]);
  });

  test('of two the newer holds, in whatever order they come', async () => {
    const { join } = scene();
    const [first, second, worker] = [await join('o1', 'orchestrator'), await join('o2', 'orchestrator'), await join('w1', 'worker')];
    await second.channel.announce({ ...notice, id: '02', level: 'warn' });
    await first.channel.announce(notice);
    await delay(10);
    expect(worker.heard.map(({ level }) => level)).toEqual(['warn']);
  });

  test('tells again who shows itself after five seconds: it may have been away', async () => {
    const { join, clock } = scene();
    const orchestrator = await join('o1', 'orchestrator');
    const worker = await join('w1', 'worker');
    const all: unknown[] = [];
    worker.transport.onControl((message) => {
      if (message.type === 'hello') all.push(message.level?.forMs);
    });
    await orchestrator.channel.announce(notice);
    await worker.show();
    await worker.show();
    await clock.advance(5_000);
    await worker.show();
    expect(all).toEqual([60_000, 60_000, 55_000]);
    expect(worker.heard).toHaveLength(1);
  });

  test('is read as a plain hello by those who know no levels', () => {
    const { schema } = controlMessages;
    const message = { v: 1, type: 'hello', from: 'o1', level: notice };
    expect(schema.parse(message)).toEqual(message);
    expect(schema.safeParse({ ...message, level: undefined }).success).toBe(true);
  });
});
