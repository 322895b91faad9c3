import { describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { createClient } from './client.ts';
import { problem, sendJson, Server } from './testing/server.ts';

const ENDS = '/api/v1/runs/ends';
const open = (response: ServerResponse, text = ''): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`retry: 1000\n\n${text}`);
};
const end = (id: string, at = 5): string =>
  `id: ${at}_${id}\nevent: run.succeeded\ndata: {"id":"${id}","status":"succeeded","finishedAt":"2026-01-01T00:00:00.000Z"}\n\n`;
const connect = (server: Server, more = {}) => createClient({ url: server.url, key: 'k', baseMs: 1, ...more });

/** Answers submissions with `run`, look-ups as if nothing had ended, and streams as told. */
function mainstay(
  stream: (response: ServerResponse, connection: number, lastId: string | undefined) => void,
  lookUp: readonly string[] = [],
) {
  return new Server(({ path, headers }, response, count) => {
    if (path === '/api/v1/runs') sendJson(response, 202, { id: 'run', status: 'running' });
    else if (path.startsWith(`${ENDS}?`)) {
      sendJson(response, 200, {
        items: lookUp.map((id) => ({ id, status: 'failed', finishedAt: '2026-01-01T00:00:00.000Z' })),
        unknown: [],
      });
    } else stream(response, count, headers['last-event-id']?.toString());
  }).start();
}

describe('result', () => {
  test('an end that is told before the answer to the submission is remembered', async () => {
    await using server = await mainstay((response) => {
      open(response, `id: 1\n\n${end('run')}`);
    });
    await using client = connect(server);
    expect(await client.run({ pipeline: 'p' })).toMatchObject({ id: 'run', status: 'succeeded' });
    expect(await client.run({ pipeline: 'p' })).toMatchObject({ id: 'run', status: 'succeeded' });
    expect(server.to(ENDS)).toHaveLength(1);
  });

  test('runs that were submitted together while ends are followed are not looked up', async () => {
    const streams: ServerResponse[] = [];
    await using server = await new Server(({ path }, response) => {
      if (path === '/api/v1/runs') sendJson(response, 202, { id: 'first', status: 'running' });
      else if (path === '/api/v1/runs/batch') {
        sendJson(response, 202, { results: ['a', 'b'].map((id) => ({ status: 202, id, runStatus: 'running' })) });
      } else if (path.startsWith(`${ENDS}?`)) sendJson(response, 200, { items: [{ id: 'first', status: 'succeeded' }], unknown: [] });
      else {
        open(response, 'id: 1\n\n');
        streams.push(response);
      }
    }).start();
    await using client = connect(server);
    await client.run({ pipeline: 'p' });
    const lookUps = (): number => server.received.filter(({ path }) => path.startsWith(`${ENDS}?`)).length;
    const before = lookUps();
    const both = ['a', 'b'].map(() => client.run({ pipeline: 'p' }));
    while (server.to('/api/v1/runs/batch').length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const stream of streams) stream.write(`${end('a')}${end('b')}`);
    expect((await Promise.all(both)).map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(lookUps()).toBe(before);
  });

  test('a stream that breaks off goes on at the position of the last whole event', async () => {
    const positions: (string | undefined)[] = [];
    await using server = await mainstay((response, connection, lastId) => {
      positions.push(lastId);
      if (connection === 1) {
        open(response, `id: 1\n\n${end('other', 2)}${end('run', 3).slice(0, 30)}`);
        setTimeout(() => response.destroy(), 20);
      } else open(response, end('run', 3));
    });
    await using client = connect(server);
    expect(await client.run({ pipeline: 'p' })).toMatchObject({ id: 'run' });
    expect(positions).toEqual([undefined, '2_other']);
  });

  test('a stream that falls silent is opened anew', async () => {
    await using server = await mainstay((response, connection) => {
      open(response, connection === 1 ? 'id: 1\n\n' : end('run'));
    });
    await using client = connect(server, { silenceMs: 50 });
    expect(await client.run({ pipeline: 'p' })).toMatchObject({ id: 'run' });
  });

  test('a run whose end may have passed is looked up', async () => {
    await using server = await mainstay((response) => open(response, 'id: 1\n\n'), ['older']);
    await using client = connect(server);
    expect(await client.result('older')).toMatchObject({ id: 'older', status: 'failed' });
    expect(server.received.map(({ path }) => path)).toContain(`${ENDS}?runs=older`);
  });

  test('a run that is awaited for long is looked up, in case its end was never told', async () => {
    await using server = await mainstay((response) => open(response, 'id: 1\n\n'), ['run']);
    await using client = connect(server, { recheckMs: 20 });
    await client.submit({ pipeline: 'p' });
    expect(await client.run({ pipeline: 'p' })).toMatchObject({ id: 'run', status: 'failed' });
  });

  test('a stream that is refused rejects all that is awaited, and is tried again for the next', async () => {
    await using server = await mainstay((response, connection) => {
      if (connection === 1) sendJson(response, 403, problem(403, 'FORBIDDEN'));
      else open(response, `id: 1\n\n${end('b')}`);
    });
    await using client = connect(server);
    await expect(client.result('a')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await client.result('b')).toMatchObject({ id: 'b' });
  });
});
