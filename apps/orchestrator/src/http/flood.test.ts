import { describe, expect, test } from '@jest/globals';
import { createClient } from '@mainstay/client';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { ADMIN_KEY, eventually, type HttpScene, openScene } from './testing/http-scene.ts';

const PATH = '/api/v1/runs/batch';

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly accepted: readonly string[];
}

/** One batch over a socket of its own. */
function send(scene: HttpScene, agent: Agent, runs: readonly object[]): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const sent = request(`${scene.base}${PATH}`, { method: 'POST', headers, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (text += chunk));
    response.on('end', () => {
      const { results = [] } = JSON.parse(text) as { readonly results?: readonly { readonly id?: string }[] };
      const accepted = results.flatMap(({ id }) => id ?? []);
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], accepted });
    });
  });
  sent.on('error', reject);
  sent.end(JSON.stringify({ runs }));
  return promise;
}

/** Sends the beginning of a body, and then nothing. */
function beginBody(scene: HttpScene, announced: number, sent: number): Socket {
  const socket = connect(Number(new URL(scene.base).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${String(announced)}\r\n\r\n"${'x'.repeat(sent)}`,
  );
  return socket;
}

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Writes so many submissions at once to one connection, and reads their answers. */
function pipelined(scene: HttpScene, count: number): Promise<readonly RawAnswer[]> {
  const body = JSON.stringify({ pipeline: 'noop', input: {} });
  const one =
    `POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${String(body.length)}\r\n\r\n${body}`;
  const { promise, resolve, reject } = Promise.withResolvers<readonly RawAnswer[]>();
  const socket = connect(Number(new URL(scene.base).port), '127.0.0.1');
  const answers: RawAnswer[] = [];
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (text.length < end + 4 + length) break;
      answers.push({
        status: Number(head.slice(9, 12)),
        head,
        body: JSON.parse(text.slice(end + 4, end + 4 + length)) as RawAnswer['body'],
      });
      text = text.slice(end + 4 + length);
    }
    if (answers.length < count) return;
    socket.destroy();
    resolve(answers);
  });
  socket.on('error', reject);
  socket.on('close', () => {
    reject(new Error(`The connection was closed after ${answers.length} answers`));
  });
  socket.write(one.repeat(count));
  return promise;
}

describe('far more than the limits, over real sockets', () => {
  test('submissions that wait are bounded: what is refused is told when to come back, what was accepted is there', async () => {
    await using scene = await openScene({ engineConfig: { maxWaiting: 25, maxBatch: 20 } });
    await scene.pipeline('noop', 'noop');
    const agent = new Agent({ keepAlive: true, maxSockets: 200 });
    const runs = Array.from({ length: 40 }, (_, n) => ({ pipeline: 'noop', input: { n, text: 'x'.repeat(1_000) } }));
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(scene, agent, runs)));
    agent.destroy();

    expect(answers.filter(({ status }) => ![202, 207, 503].includes(status))).toEqual([]);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ retryAfter }) => retryAfter !== undefined)).toBe(true);

    const accepted = answers.flatMap((answer) => answer.accepted);
    expect(accepted.length).toBeGreaterThan(0);
    expect(new Set(accepted).size).toBe(accepted.length);
    expect((await scene.store.load(accepted)).size).toBe(accepted.length);
    expect((await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'noop' } })).status).toBe(202);
  });

  test('what comes in one turn is begun some in each of the turns that follow', async () => {
    await using scene = await openScene();
    await scene.pipeline('noop', 'noop');
    const answers = await pipelined(scene, 600);
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect((await scene.store.load(answers.map(({ body }) => String(body['id'])))).size).toBe(600);
  });

  test('so many at once that they would wait for long are refused before anything is read of them', async () => {
    await using scene = await openScene();
    await scene.pipeline('noop', 'noop');
    const answers = (await Promise.all(Array.from({ length: 4 }, () => pipelined(scene, 1_500)))).flat();
    const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => String(body['id']));
    const refused = answers.filter(({ status }) => status === 503);
    expect(accepted.length + refused.length).toBe(6_000);
    expect(accepted.length).toBeGreaterThanOrEqual(100);
    for (const { body, head } of refused) {
      expect(body).toMatchObject({ code: 'OVERLOADED', instance: '/api/v1/runs' });
      expect(head).toMatch(/^retry-after: \d+$/im);
    }
    expect(refused.map(({ body }) => body['detail'])).toContain('Too many submissions came at once; retry later');
    expect((await scene.store.load(accepted)).size).toBe(accepted.length);
  });

  test('others are taken when who waits for a later turn goes away', async () => {
    await using scene = await openScene();
    await scene.pipeline('noop', 'noop');
    const { port } = new URL(scene.base);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    const one = `POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
    await new Promise<void>((sent) => socket.write(one.repeat(2_000), () => sent()));
    socket.destroy();
    expect((await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'noop' } })).status).toBe(202);
  });

  test('bodies that are held are bounded: one that finds no room is told when to come back', async () => {
    await using scene = await openScene({ config: { maxBodiesBytes: 100_000 } });
    await scene.pipeline('noop', 'noop');
    const json = { pipeline: 'noop', input: 'x'.repeat(40_000) };
    const slow = [beginBody(scene, 60_000, 45_000), beginBody(scene, 60_000, 45_000)];
    const refused = await eventually(async () => {
      const answer = await scene.call('POST', '/api/v1/runs', { json });
      if (answer.status === 202) throw new Error('the slow bodies have not arrived');
      return answer;
    });
    expect(refused.json).toMatchObject({ status: 503, code: 'OVERLOADED', details: { maxBytes: 100_000 } });
    expect(refused.headers.get('retry-after')).toBe('1');
    for (const socket of slow) socket.destroy();
    await eventually(async () => {
      expect((await scene.call('POST', '/api/v1/runs', { json })).status).toBe(202);
    });
  });

  test('the client goes on until everything is accepted, each run once', async () => {
    await using scene = await openScene({ engineConfig: { maxWaiting: 50, maxBatch: 20 } });
    await scene.pipeline('noop', 'noop');
    await using client = createClient({ url: scene.base, key: ADMIN_KEY, maxBatch: 100 });
    const requests = Array.from({ length: 500 }, (_, n) => ({ pipeline: 'noop', input: { n } }));
    const results = await client.submitMany(requests);
    const ids = results.map((result) => (result.status === 'fulfilled' ? result.value.id : String(result.reason)));
    const states = await scene.store.load(ids);
    expect(ids.map((id) => states.get(id)?.input)).toEqual(requests.map(({ input }) => input));
    expect(new Set(ids).size).toBe(500);
  });
});
