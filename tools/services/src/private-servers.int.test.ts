import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { probeRedis } from './redis-probe.ts';
import type { ServerHandle } from './server-handle.ts';
import { startPostgres } from './start-postgres.ts';
import { type RedisHandle, startRedis } from './start-redis.ts';
import { makeTestFolder } from './test-folder.ts';

let dir: string;
beforeAll(async () => {
  dir = await makeTestFolder();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Sends one inline command after logging in and gives the last answer. */
function redis(server: RedisHandle, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`AUTH ${server.password}\r\n${command}\r\nQUIT\r\n`));
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('end', () => {
      socket.destroy();
      resolve(answer.split('\r\n').slice(1, -2).join(' '));
    });
    socket.on('error', reject);
  });
}

async function query(server: ServerHandle, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return rows;
}

describe("a Redis of one's own", () => {
  test('can be stopped, paused, restarted with its data and restarted empty, always at the same address', async () => {
    const server = await startRedis({ dir: join(dir, 'redis') });
    try {
      expect(await redis(server, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
      expect(await redis(server, 'CONFIG GET append*')).toMatch(/appendonly.*yes/);
      expect(await redis(server, 'SET key value')).toBe('+OK');
      const { pid } = server;
      await server.restart();
      expect(server.pid).not.toBe(pid);
      expect(await redis(server, 'GET key')).toBe('$5 value');
      server.pause();
      expect(await probeRedis(server.port, server.password, 200)).toBe(false);
      server.resume();
      expect(await redis(server, 'GET key')).toBe('$5 value');
      await server.restartEmpty();
      expect(await redis(server, 'GET key')).toBe('$-1');
      await server.stop();
      expect(await probeRedis(server.port, server.password)).toBe(false);
    } finally {
      await server.kill();
    }
  }, 30_000);
});

describe("a Postgres of one's own", () => {
  test('keeps what was committed when it is killed and started again', async () => {
    const server = await startPostgres({ dir: join(dir, 'postgres'), settings: { shared_buffers: '16MB' } });
    try {
      expect(
        await query(
          server,
          "select name, setting from pg_settings where name in ('fsync', 'max_connections', 'synchronous_commit') order by name",
        ),
      ).toEqual([
        { name: 'fsync', setting: 'on' },
        { name: 'max_connections', setting: '200' },
        { name: 'synchronous_commit', setting: 'on' },
      ]);
      await query(server, 'create table kept as select 42 as answer');
      await server.kill();
      await server.restart();
      expect(await query(server, 'select answer from kept')).toEqual([{ answer: 42 }]);
      const stranger = new Client({ connectionString: server.url.replace(server.password, 'wrong') });
      await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
      await server.stop();
      await expect(query(server, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    } finally {
      await server.kill();
    }
  }, 120_000);
});
