import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { TaskMessage } from '@mainstay/types';
import { taskLane } from '../lanes.ts';
import { taskMessage, testKeys } from '../testing/index.ts';
import type { Delivery } from '../transport.ts';
import { createCodec } from '../wire/codec.ts';
import { Connections } from './connections.ts';
import { createEntryCodec } from './entry-codec.ts';
import { createKeys, FIELD } from './keys.ts';
import { LaneReader, type ReadRequest } from './lane-reader.ts';
import { Payloads } from './payloads.ts';

const url = process.env['MAINSTAY_TEST_REDIS_URL'] ?? '';
const kinds = ['a', 'b', 'c'];
const lanes = kinds.map((kind) => taskLane(kind, 'normal'));
const codec = createCodec({ keys: testKeys });

let admin: Redis;
let connections: Connections;
let prefix: string;
let payloads: Payloads;
let reader: LaneReader;
let request: ReadRequest<Delivery<TaskMessage>>;

/** A reader that sees nothing when it looks and finds all lanes filled when it waits: tasks came in between. */
beforeEach(async () => {
  prefix = `test-${randomUUID()}`;
  admin = new Redis(url);
  const options = { url, name: 'worker-1', side: 'worker', keys: testKeys } as const;
  connections = new Connections(options, { subscribe: () => Promise.resolve(), onMessage: () => undefined });
  await connections.open();
  const keys = createKeys(prefix);
  payloads = new Payloads(connections, keys, codec, 1_000_000);
  reader = new LaneReader(connections, keys, 'worker-1', payloads);
  const sort = createEntryCodec(codec, {}).tasks;
  request = { steps: () => [], lanes, max: 1, blockMs: 10_000, signal: new AbortController().signal, sort, surplus: 'give-back' };
  for (const [index, lane] of lanes.entries()) {
    const message = taskMessage({ agent: kinds[index] ?? '' });
    await admin.xgroup('CREATE', keys.of(lane), 'workers', '0', 'MKSTREAM');
    await admin.xadd(keys.of(lane), '*', FIELD, codec.encodeTask(lane, message).frame);
  }
});
afterEach(async () => {
  connections.close();
  await admin.del(lanes.map((lane) => `${prefix}:${lane}`));
  admin.disconnect();
});

describe('a blocking read that finds more than was asked for', () => {
  test('gives the rest back, where another finds it', async () => {
    const own = await reader.read(request);
    expect(own.map(({ message }) => message.agent)).toEqual(['a']);
    const others = await new LaneReader(connections, createKeys(prefix), 'worker-2', payloads).read({ ...request, max: 3 });
    expect(others.map(({ message }) => message.agent)).toEqual(['b', 'c']);
  });

  test('keeps the rest for the next reads where order matters', async () => {
    const read: string[] = [];
    for (let i = 0; i < 3; i++) {
      read.push(...(await reader.read({ ...request, surplus: 'keep' })).map(({ message }) => message.agent));
    }
    expect(read).toEqual(kinds);
  });
});

describe('entries that may not have been removed', () => {
  test('are delivered again, others are not', async () => {
    const deliveries = await reader.read({ ...request, max: 3 });
    const [first] = deliveries;
    if (first === undefined) throw new Error('three were sent');
    reader.doubt([first.receipt]);
    expect(await reader.read(request)).toEqual([first]);
    expect(await reader.read({ ...request, blockMs: 10 })).toEqual([]);
  });
});

describe('entries that never arrived', () => {
  test('are found also where their lane is not read any more: it has been given to another since', async () => {
    const [first, ...others] = lanes;
    if (first === undefined) throw new Error('there are three lanes');
    await admin.xreadgroup('GROUP', 'workers', 'worker-1', 'STREAMS', createKeys(prefix).of(first), '>');
    reader.doubtLanes([first]);
    const found = await reader.read({ ...request, lanes: others });
    expect(found.map(({ message }) => message.agent)).toEqual(['a']);
    expect((await reader.read({ ...request, lanes: others })).map(({ message }) => message.agent)).toEqual(['b']);
  });
});

describe('a blocking read of many lanes, of which one is filled at a time', () => {
  test('brings as much of it as is wanted at once', async () => {
    const { max, ...rest } = { ...request, max: 6 };
    expect(await reader.read({ ...rest, max: lanes.length })).toHaveLength(lanes.length);
    const busy = lanes[1] ?? '';
    const fill = async (): Promise<void> => {
      for (let i = 0; i < max; i++) {
        const { frame } = codec.encodeTask(busy, taskMessage({ agent: kinds[1] ?? '' }));
        await admin.xadd(createKeys(prefix).of(busy), '*', FIELD, frame);
      }
    };
    const counts: number[] = [];
    // A read with no time to wait looks at what is there: it counts as any other.
    for (let read = 0; read < 33; read++) {
      await fill();
      counts.push((await reader.read({ ...rest, max, surplus: 'keep' })).length);
      while ((await reader.read({ ...rest, max, blockMs: 1, surplus: 'keep' })).length > 0);
    }
    expect(counts[0]).toBe(max / lanes.length);
    expect(counts.at(-1)).toBe(max);
  });
});
