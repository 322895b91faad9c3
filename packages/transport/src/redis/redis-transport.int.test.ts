import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { taskMessage, testKeys, transportContract } from '../testing/index.ts';
import type { Transport } from '../transport.ts';
import { PAYLOAD_TTL_MS } from './changes.ts';
import { FIELD } from './keys.ts';
import { createRedisTransport } from './redis-transport.ts';

const url = process.env['MAINSTAY_TEST_REDIS_URL'] ?? '';

async function removeAll(admin: Redis, prefix: string): Promise<void> {
  const keys = await admin.keys(`${prefix}:*`);
  if (keys.length > 0) await admin.del(...keys);
}

transportContract('redis', () => {
  const prefix = `test-${randomUUID()}`;
  const admin = new Redis(url);
  const transports = new Map<string, Transport>();
  return Promise.resolve({
    connect: (options) => {
      const transport = createRedisTransport({ url, prefix, keys: testKeys, ...options });
      transports.set(options.name, transport);
      return transport;
    },
    inject: async (lane, frame) => {
      await admin.xadd(`${prefix}:${lane}`, '*', FIELD, frame);
    },
    injectControl: async (channel, frame) => {
      await admin.publish(`${prefix}:${channel}`, frame);
    },
    payloads: async () => (await admin.keys(`${prefix}:payload:*`)).map((key) => key.slice(`${prefix}:payload:`.length)),
    setPayload: async (name, text) => {
      const key = `${prefix}:payload:${name}`;
      await (text === undefined ? admin.del(key) : admin.set(key, text));
    },
    wipe: () => removeAll(admin, prefix),
    kill: async (name) => transports.get(name)?.close(),
    close: async () => {
      await removeAll(admin, prefix);
      admin.disconnect();
    },
  });
});

describe('the payload of a large message', () => {
  test('expires by itself, should nothing ever remove it', async () => {
    const prefix = `test-${randomUUID()}`;
    const admin = new Redis(url);
    const transport = createRedisTransport({ url, prefix, name: 'o', side: 'orchestrator', keys: testKeys, inlineBytes: 1 });
    await transport.start();
    try {
      await transport.sendTasks([taskMessage()]);
      const [key = ''] = await admin.keys(`${prefix}:payload:*`);
      const ttl = await admin.pttl(key);
      expect(ttl).toBeGreaterThan(PAYLOAD_TTL_MS / 2);
      expect(ttl).toBeLessThanOrEqual(PAYLOAD_TTL_MS);
    } finally {
      await transport.close();
      await removeAll(admin, prefix);
      admin.disconnect();
    }
  });
});

describe('start', () => {
  test('rejects within the time given when nobody listens, names the address but no password, and can be called again', async () => {
    const transport = createRedisTransport({
      url: 'redis://user:hunter2@127.0.0.1:1',
      name: 'w',
      side: 'worker',
      keys: testKeys,
      connectTimeoutMs: 200,
    });
    for (let i = 0; i < 2; i++) {
      const error: unknown = await transport.start().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', details: { endpoint: '127.0.0.1:1' } });
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
      expect(String(error)).toContain('127.0.0.1:1');
    }
    await transport.close();
  });

  test('refuses an address that is none, without repeating it', () => {
    expect(() => createRedisTransport({ url: 'http://:secret@host', name: 'w', side: 'worker', keys: testKeys })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('secret') }),
    );
  });
});
