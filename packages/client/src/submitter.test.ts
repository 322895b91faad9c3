import { describe, expect, test } from '@jest/globals';
import { type Client, createClient } from './client.ts';
import type { ClientOptions } from './client-options.ts';
import { acceptAll, accepting, problem, type Received, sendJson, Server } from './testing/server.ts';

const RUNS = '/api/v1/runs';
const BATCH = `${RUNS}/batch`;
const connect = (server: Server, more: Partial<ClientOptions> = {}): Client =>
  createClient({ url: server.url, key: 'k', baseMs: 1, ...more });
const runsOf = (received: Received | undefined) =>
  (JSON.parse(received?.body ?? '') as { readonly runs: readonly { readonly idempotencyKey?: string; readonly input?: unknown }[] }).runs;
const many = (client: Client, count: number) => client.submitMany(Array.from({ length: count }, (_, n) => ({ pipeline: 'p', input: n })));

describe('submit', () => {
  test('one alone goes at once, with its key and ids as headers', async () => {
    await using server = await new Server((_request, response) => {
      sendJson(response, 202, { id: 'r', status: 'queued' });
    }).start();
    await using client = connect(server);
    const request = { pipeline: 'p', input: { a: 1 }, priority: 3, correlationId: 'c-1', idempotencyKey: 'mine' };
    expect(await client.submit(request)).toEqual({ id: 'r', status: 'queued', repeated: false });
    const [sent] = server.received;
    expect(sent).toMatchObject({
      method: 'POST',
      path: RUNS,
      headers: { 'idempotency-key': 'mine', 'x-correlation-id': 'c-1', authorization: 'Bearer k' },
    });
    expect(JSON.parse(sent?.body ?? '')).toEqual({ pipeline: 'p', input: { a: 1 }, priority: 3 });
  });

  test('those of one turn share a request, and get their answers in order', async () => {
    await using server = await new Server(acceptAll).start();
    await using client = connect(server);
    const results = await many(client, 10);
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value.id : undefined))).toEqual(
      Array.from({ length: 10 }, (_, n) => `run-${n}`),
    );
    expect(server.to(BATCH)).toHaveLength(1);
    const runs = runsOf(server.to(BATCH)[0]);
    expect(runs.map(({ input }) => input)).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(new Set(runs.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(10);
  });

  test('while two requests are under way the next batch gathers', async () => {
    const held: (() => void)[] = [];
    await using server = await new Server((request, response) => {
      held.push(() => {
        acceptAll(request, response, 1);
      });
    }).start();
    await using client = connect(server);
    const until = async (count: number) => {
      while (server.received.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const all = [client.submit({ pipeline: 'p' })];
    await until(1);
    all.push(client.submit({ pipeline: 'p' }));
    await until(2);
    for (let n = 0; n < 7; n++) {
      all.push(client.submit({ pipeline: 'p' }));
      await new Promise(setImmediate);
    }
    expect(server.received).toHaveLength(2);
    held.shift()?.();
    await until(3);
    expect(runsOf(server.received[2])).toHaveLength(7);
    for (const release of held) release();
    await Promise.all(all);
  });

  test('batches are bounded in number and in bytes', async () => {
    await using server = await new Server(acceptAll).start();
    await using client = connect(server, { maxBatch: 4, maxBatchBytes: 1_000 });
    await many(client, 8);
    await client.submitMany(Array.from({ length: 4 }, () => ({ pipeline: 'p', input: 'x'.repeat(400) })));
    expect(server.to(BATCH).map((sent) => runsOf(sent).length)).toEqual([4, 4, 2, 2]);
  });

  test('a batch that the server finds too large is sent in halves', async () => {
    await using server = await new Server((request, response) => {
      if (request.path === BATCH && runsOf(request).length > 2) sendJson(response, 413, problem(413, 'PAYLOAD_TOO_LARGE'));
      else acceptAll(request, response, 1);
    }).start();
    await using client = connect(server);
    expect((await many(client, 8)).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

describe('submit, when something goes wrong', () => {
  test('an answer that was lost is asked for again under the same keys', async () => {
    await using server = await new Server((request, response, count) => {
      if (count === 1) response.destroy();
      else acceptAll(request, response, 1);
    }).start();
    await using client = connect(server);
    expect((await many(client, 3)).every(({ status }) => status === 'fulfilled')).toBe(true);
    const [first, second] = server.to(BATCH).map((sent) => runsOf(sent).map(({ idempotencyKey }) => idempotencyKey));
    expect(second).toEqual(first);
  });

  test('without keys a lost answer rejects: nobody knows whether the run was started', async () => {
    await using server = await new Server((_request, response) => response.destroy()).start();
    await using client = connect(server, { exactlyOnce: false });
    await expect(client.submit({ pipeline: 'p' })).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.headers['idempotency-key']).toBeUndefined();
  });

  test('what was refused for overload is repeated, alone, when the server says', async () => {
    await using server = await new Server((request, response, count) => {
      if (request.path === BATCH && count === 1) {
        const refused = { status: 503, error: problem(503, 'OVERLOADED') };
        sendJson(response, 207, { results: [{ status: 202, id: 'a', runStatus: 'running' }, refused, refused] });
      } else accepting((index) => `later-${index}`)(request, response, count);
    }).start();
    await using client = connect(server, { exactlyOnce: false });
    const results = await many(client, 3);
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value.id : undefined))).toEqual(['a', 'later-0', 'later-1']);
  });

  test('urgent runs neither travel with others nor rest while those have to', async () => {
    let open = false;
    await using server = await new Server((request, response, count) => {
      const urgent = request.headers['priority'] === 'u=1';
      if (urgent || open) acceptAll(request, response, count);
      else sendJson(response, 503, problem(503, 'OVERLOADED'), { 'retry-after': '1' });
    }).start();
    await using client = connect(server);
    const others = many(client, 2);
    while (server.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const urgent = { pipeline: 'p', priority: 1 };
    const begun = performance.now();
    await Promise.all([client.submit(urgent), client.submit(urgent)]);
    expect(performance.now() - begun).toBeLessThan(900);
    expect(server.received.map(({ headers }) => headers['priority'])).toEqual([undefined, 'u=1']);
    open = true;
    expect((await others).every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  test('what is wrong rejects at once, with all that the server says', async () => {
    const sent = { ...problem(400, 'VALIDATION_FAILED'), issues: [{ path: '/input', problem: 'bad' }], correlationId: 'c' };
    await using server = await new Server((_request, response) => sendJson(response, 400, sent)).start();
    await using client = connect(server);
    await expect(client.submit({ pipeline: 'p' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'it is VALIDATION_FAILED',
      disposition: 'terminal',
      details: { issues: [{ path: '/input', problem: 'bad' }], correlationId: 'c' },
    });
    expect(server.received).toHaveLength(1);
  });

  test('codes of a newer server stand for their status', async () => {
    await using server = await new Server((_request, response) => sendJson(response, 409, problem(409, 'INVENTED_LATER'))).start();
    await using client = connect(server);
    await expect(client.submit({ pipeline: 'p' })).rejects.toMatchObject({ code: 'CONFLICT', details: { code: 'INVENTED_LATER' } });
  });

  test('gives up at the deadline', async () => {
    await using server = await new Server((_request, response) => sendJson(response, 503, problem(503, 'OVERLOADED'))).start();
    await using client = connect(server, { deadlineMs: 50, baseMs: 5 });
    await expect(client.submit({ pipeline: 'p' })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('an aborted submission is not sent, and further ones beyond the bound are refused', async () => {
    await using server = await new Server(acceptAll).start();
    await using client = connect(server, { maxWaiting: 2 });
    const gone = new AbortController();
    const aborted = client.submit({ pipeline: 'aborted' }, { signal: gone.signal });
    const kept = [client.submit({ pipeline: 'p' })];
    await expect(client.submit({ pipeline: 'p' })).rejects.toMatchObject({ code: 'OVERLOADED' });
    gone.abort(new Error('never mind'));
    await expect(aborted).rejects.toThrow('never mind');
    await Promise.allSettled(kept);
    expect(server.received.map(({ body }) => body).join('\n')).not.toContain('aborted');
  });

  test('an input that JSON cannot carry rejects', async () => {
    await using server = await new Server(acceptAll).start();
    await using client = connect(server);
    await expect(client.submit({ pipeline: 'p', input: 1n })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('createClient', () => {
  test.each([
    ['an address that is none', { url: 'localhost' }],
    ['a key with spaces', { key: 'a b' }],
    ['too large a batch', { maxBatch: 501 }],
  ])('refuses %s', (_name, more) => {
    expect(() => createClient({ url: 'http://127.0.0.1', key: 'k', ...more })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
