import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ControlMessage, type EmergencyNotice, readMessage, controlMessages } from '@mainstay/types';
import { openEmergencyChannel } from './emergency-channel.ts';
import { createMemoryHub } from './memory/memory-hub.ts';
import type { Side, Transport } from './transport.ts';

const notice: EmergencyNotice = { process: 'o1', active: true, reason: 'drill', by: 'ada', ttlMs: 60_000 };
const open: Transport[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

function scene() {
  const hub = createMemoryHub();
  return async (name: string, side: Side) => {
    const transport = hub.connect({ name, side });
    open.push(transport);
    await transport.start();
    const heard: EmergencyNotice[] = [];
    const channel = openEmergencyChannel(transport, (one) => void heard.push(one));
    return { transport, channel, heard };
  };
}

const signOfLife = (worker: string): ControlMessage => ({
  ...{ v: 1, type: 'heartbeat', worker, host: 'h', pid: 1, version: '1', startedAt: 1 },
  ...{ capacity: 1, running: [], draining: false, rssBytes: 1, kinds: [] },
});

describe('openEmergencyChannel', () => {
  test('tells all orchestrators and workers', async () => {
    const join = scene();
    const first = await join('o1', 'orchestrator');
    const others = [await join('o2', 'orchestrator'), await join('w1', 'worker')];
    await first.channel.announce(notice);
    await delay(20);
    for (const { heard } of others) expect(heard).toEqual([notice]);
  });

  test('tells who comes later once, and nobody after it is over', async () => {
    const join = scene();
    const first = await join('o1', 'orchestrator');
    await first.channel.announce(notice);
    const late = await join('w9', 'worker');
    for (let n = 0; n < 3; n++) await late.transport.publish('orchestrators', signOfLife('w9'));
    await delay(20);
    expect(late.heard).toEqual([notice]);
    await first.channel.announce({ ...notice, active: false });
    const last = await join('w10', 'worker');
    await last.transport.publish('orchestrators', signOfLife('w10'));
    await delay(20);
    expect(last.heard).toEqual([]);
    expect(late.heard.map(({ active }) => active)).toEqual([true, false]);
  });

  test('is read as a plain hello by those who know no emergencies', () => {
    const message = { v: 1, type: 'hello', from: 'o1', emergency: notice };
    const { schema } = controlMessages;
    expect(schema.safeParse({ ...message, emergency: undefined }).success).toBe(true);
    expect(readMessage(controlMessages, message)).toEqual(message);
  });
});
