import { describe, expect, test } from '@jest/globals';
import { NetworkError } from '@mainstay/types';
import { ApiServer, problem, sendJson, sse } from '../testing/api-server.ts';
import { event, run } from '../testing/run-facts.ts';
import { type Followed, followRun, type FollowOptions } from './follow-run.ts';
import { HttpClient } from './http-client.ts';
import { MainstayClient } from './mainstay-client.ts';
import { RemoteError } from './remote-error.ts';

const http = (server: ApiServer, more = {}) => new HttpClient({ url: server.url, key: 'k', baseMs: 1, ...more });
const client = (server: ApiServer, more = {}) => new MainstayClient(http(server, more));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => new Error('it was answered'),
    (error: unknown) => error,
  );

describe('HttpClient', () => {
  test('repeats a submit under one idempotency key until it is answered', async () => {
    let tries = 0;
    await using server = await new ApiServer((_request, response) => {
      if (++tries === 1) response.destroy();
      else if (tries === 2) sendJson(response, 503, problem(503, 'OVERLOADED'));
      else sendJson(response, 202, { id: 'run-1', status: 'queued' });
    }).start();
    expect(await client(server).createRun({ pipeline: 'p' })).toEqual({ id: 'run-1', status: 'queued' });
    const keys = server.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('does not repeat what may have been done already', async () => {
    await using server = await new ApiServer((_request, response) => sendJson(response, 503, problem(503, 'OVERLOADED'))).start();
    await expect(client(server).decide('d1', 'accept')).rejects.toThrow(RemoteError);
    expect(server.received).toHaveLength(1);
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({ answer: 'accept' });
  });

  test('gives a problem with all that it says, without trying again', async () => {
    const sent = problem(422, 'PIPELINE_INVALID', { issues: [{ path: '/stages/0', problem: 'bad' }] });
    await using server = await new ApiServer((_request, response) => sendJson(response, 422, sent)).start();
    const error = await failure(client(server).run('x'));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 'PIPELINE_INVALID', problem: sent });
    expect(server.received).toHaveLength(1);
  });

  test('takes codes that it does not know for what their status says', async () => {
    await using server = await new ApiServer((_request, response) => sendJson(response, 409, problem(409, 'INVENTED_LATER'))).start();
    expect(await failure(client(server).act('x', 'pause'))).toMatchObject({ code: 'CONFLICT', problem: { code: 'INVENTED_LATER' } });
  });

  test.each([
    ['text', 200, 'text/html', '<h1>It works!</h1>', /not JSON/],
    ['another shape', 200, 'application/json', '{"hello":1}', /at \/id of its answer/],
    ['an error without problem details', 404, 'text/plain', 'nope', /status 404 without problem details/],
    ['a redirect', 302, 'text/plain', '', /status 302/],
  ])('says that %s is no answer of an orchestrator', async (_name, status, type, body, message) => {
    await using server = await new ApiServer((_request, response) =>
      response.writeHead(status, { 'Content-Type': type }).end(body),
    ).start();
    const error = await failure(client(server).run('x'));
    expect(error).toBeInstanceOf(NetworkError);
    expect(String(error)).toMatch(message);
    expect(server.received).toHaveLength(1);
  });

  test('says that nothing listens there', async () => {
    const server = await new ApiServer(() => undefined).start();
    await server.stop();
    expect(String(await failure(client(server).runs()))).toMatch(/cannot be reached: nothing listens there/);
  });

  test('gives up a request that is never answered', async () => {
    await using server = await new ApiServer(() => undefined).start();
    expect(await failure(client(server, { timeoutMs: 500, maxAttempts: 2 }).runs())).toMatchObject({ code: 'OPERATION_TIMEOUT' });
    expect(server.received).toHaveLength(2);
  });

  test('escapes what becomes part of a path', async () => {
    await using server = await new ApiServer((_request, response) => sendJson(response, 200, run('running'))).start();
    await client(server).run('../../health?x');
    expect(server.received[0]?.path).toBe('/api/v1/runs/..%2F..%2Fhealth%3Fx');
    expect(server.received[0]?.headers.authorization).toBe('Bearer k');
  });
});

describe('followRun', () => {
  async function collect(server: ApiServer, options: Partial<FollowOptions> = {}, onItem: (item: Followed) => unknown = () => undefined) {
    const items: Followed[] = [];
    const signal = AbortSignal.timeout(20_000);
    for await (const item of followRun(http(server), 'run-1', { signal, baseMs: 5, ...options })) {
      items.push(item);
      await onItem(item);
    }
    return items;
  }
  const seqs = (items: readonly Followed[]) => items.flatMap((item) => (item.type === 'event' ? [item.event.seq] : []));
  const open = { 'Content-Type': 'text/event-stream' };

  test('gives events in order until the end, in whatever pieces they come', async () => {
    await using server = await new ApiServer(async (_request, response) => {
      response.writeHead(200, open);
      const bytes = Buffer.from(
        `retry: 1000\n\n: alive\n\n${sse(event(1, 'run.started'))}${sse(event(2, 'task.progress', 'one', { note: 'ü日' }))}event: end\ndata: {"after":2}\n\n`,
      );
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    }).start();
    const items = await collect(server);
    expect(items.map(({ type }) => type)).toEqual(['event', 'event', 'end']);
    expect(items[1]).toMatchObject({ event: { data: { note: 'ü日' } } });
  });

  test('goes on after the last event when the connection breaks, and gives none twice', async () => {
    await using server = await new ApiServer((request, response) => {
      const after = Number(request.headers['last-event-id']);
      response.writeHead(200, open);
      if (after === 0) response.write(sse(event(1, 'run.started')) + sse(event(2, 'run.waiting')), () => response.destroy());
      else if (server.received.length === 2) response.end(sse(event(2, 'run.waiting')) + sse(event(3, 'run.resumed')));
      else response.end(`${sse(event(4, 'run.succeeded'))}event: end\ndata: {}\n\n`);
    }).start();
    const items = await collect(server);
    expect(seqs(items)).toEqual([1, 2, 3, 4]);
    expect(server.received.map(({ headers }) => headers['last-event-id'])).toEqual(['0', '2', '3']);
    expect(items.map(({ type }) => type).filter((type) => type !== 'event')).toEqual(['lost', 'back', 'lost', 'back', 'end']);
  });

  test('survives a restart of the server', async () => {
    await using server = await new ApiServer((_request, response) => {
      response.writeHead(200, open);
      response.write(sse(event(1, 'run.started')));
    }).start();
    let lost = 0;
    const items = await collect(server, {}, async (item) => {
      if (item.type === 'event' && item.event.seq === 1) await server.stop();
      if (item.type !== 'lost' || ++lost !== 3) return;
      server.answer = (_request, response) =>
        response.writeHead(200, open).end(`${sse(event(2, 'run.succeeded'))}event: end\ndata: {}\n\n`);
      await server.start();
    });
    expect(seqs(items)).toEqual([1, 2]);
    expect(lost).toBeGreaterThanOrEqual(3);
    expect(items.at(-1)).toEqual({ type: 'end' });
  });

  test('takes 204 for the end', async () => {
    await using server = await new ApiServer((_request, response) => response.writeHead(204).end()).start();
    expect(await collect(server, { after: 9 })).toEqual([{ type: 'end' }]);
    expect(server.received[0]?.headers['last-event-id']).toBe('9');
  });

  test('passes over messages that are no events', async () => {
    const odd = 'data: not json\n\nevent: later\ndata: {"hello":1}\n\ndata: {"seq":-1,"at":"x","type":"y"}\n\nwhatever\n\n';
    await using server = await new ApiServer((_request, response) =>
      response.writeHead(200, open).end(`${odd}${sse(event(1, 'invented.later'))}event: end\ndata: {}\n\n`),
    ).start();
    expect(seqs(await collect(server))).toEqual([1]);
  });

  test.each([
    [401, 'UNAUTHENTICATED'],
    [404, 'RUN_NOT_FOUND'],
  ])('ends at once with what the server refuses for good: %i', async (status, code) => {
    await using server = await new ApiServer((_request, response) => sendJson(response, status, problem(status, code))).start();
    await expect(collect(server)).rejects.toMatchObject({ code });
    expect(server.received).toHaveLength(1);
  });

  test('opens a silent stream anew', async () => {
    await using server = await new ApiServer((_request, response) => {
      response.writeHead(200, open);
      response.write(': hello\n\n');
      if (server.received.length > 1) response.end('event: end\ndata: {}\n\n');
    }).start();
    const items = await collect(server, { silenceMs: 500 });
    expect(items.slice(0, 2).map(({ type }) => type)).toEqual(['lost', 'back']);
    expect(items.at(-1)).toEqual({ type: 'end' });
  });

  test('gives up when the server stays away, and says how to go on', async () => {
    const server = await new ApiServer(() => undefined).start();
    await server.stop();
    const error = await failure(collect(server, { giveUpMs: 40 }));
    expect(error).toMatchObject({ code: 'NETWORK_FAILED', details: { hint: 'Once it is back: mainstay watch run-1' } });
  });

  test('ends with the reason of its signal', async () => {
    await using server = await new ApiServer((_request, response) => void response.writeHead(200, open).write(': hello\n\n')).start();
    const stop = new AbortController();
    const work = collect(server, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(work).rejects.toThrow('enough');
  });
});
