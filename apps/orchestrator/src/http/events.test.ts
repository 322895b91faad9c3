import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_KEY, eventually, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene({ config: { streams: { max: 5, maxPerTenant: 3 } } });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

interface Sse {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

function parse(block: string): Sse {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  return { id: field('id'), event: field('event'), data: field('data') };
}

function open(base: string, id: string, query = '', headers: Record<string, string> = {}, signal?: AbortSignal) {
  return fetch(`${base}/api/v1/runs/${id}/events${query}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}`, accept: 'text/event-stream', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
}

async function* eventsOf(response: Response): AsyncGenerator<Sse> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const block = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (block.event !== undefined) yield block;
    }
  }
}

async function all(response: Response): Promise<Sse[]> {
  const seen: Sse[] = [];
  for await (const event of eventsOf(response)) seen.push(event);
  return seen;
}

const numbers = (events: readonly Sse[]) => events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));

async function finished(): Promise<string> {
  await scene.pipeline('quick', 'noop');
  const id = await scene.run('quick');
  await scene.until(id, 'succeeded');
  return id;
}

async function endless(): Promise<string> {
  await scene.pipeline('long', 'endless');
  return await scene.run('long');
}

describe('a page of events', () => {
  test('tells the story of the run in order, without gaps', async () => {
    const { json } = await scene.call('GET', `/api/v1/runs/${await finished()}/events`);
    const seqs = json.items.map(({ seq }: { seq: number }) => seq);
    expect(seqs).toEqual(seqs.map((_: number, at: number) => at + 1));
    expect(json.items[0]?.type).toBe('run.created');
    expect(json.items.at(-1)?.type).toBe('run.succeeded');
    expect(json.after).toBe(seqs.length);
  });

  test('is continued by the number of the last event', async () => {
    const id = await finished();
    const whole = (await scene.call('GET', `/api/v1/runs/${id}/events`)).json.items;
    const first = (await scene.call('GET', `/api/v1/runs/${id}/events?limit=2`)).json;
    const rest = (await scene.call('GET', `/api/v1/runs/${id}/events?after=${String(first.after)}`)).json;
    expect([...first.items, ...rest.items]).toEqual(whole);
    expect((await scene.call('GET', `/api/v1/runs/${id}/events?after=9999`)).json).toEqual({ items: [], after: 9999 });
  });

  test.each(['after=-1', 'after=x', 'limit=0', 'limit=1001', 'follow=1'])('the query %s is refused', async (query) => {
    expect((await scene.call('GET', `/api/v1/runs/${await finished()}/events?${query}`)).json.code).toBe('VALIDATION_FAILED');
  });
});

describe('a stream of events', () => {
  test('of a finished run gives all its events, says that it ends, and closes', async () => {
    const id = await finished();
    const response = await open(scene.base, id);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = await all(response);
    expect(events.at(-1)).toMatchObject({ event: 'end', id: undefined });
    expect(numbers(events)).toEqual(Array.from({ length: events.length - 1 }, (_, at) => at + 1));
    const page = (await scene.call('GET', `/api/v1/runs/${id}/events`)).json.items;
    expect(events.slice(0, -1).map(({ data }) => JSON.parse(data ?? '') as unknown)).toEqual(page);
    expect(events.slice(0, -1).map(({ event }) => event)).toEqual(page.map(({ type }: { type: string }) => type));
  });

  test('follows a run until it ends', async () => {
    const id = await endless();
    const response = await open(scene.base, id);
    const seen: Sse[] = [];
    for await (const event of eventsOf(response)) {
      seen.push(event);
      if (seen.length === 2) await scene.call('POST', `/api/v1/runs/${id}/cancel`);
    }
    expect(seen.at(-2)).toMatchObject({ event: 'run.cancelled' });
    expect(seen.at(-1)).toMatchObject({ event: 'end' });
    expect(numbers(seen)).toEqual(Array.from({ length: seen.length - 1 }, (_, at) => at + 1));
  });

  test('resumes after the last event that the client saw', async () => {
    const id = await finished();
    const whole = numbers(await all(await open(scene.base, id)));
    expect(numbers(await all(await open(scene.base, id, '', { 'last-event-id': '2' })))).toEqual(whole.slice(2));
    expect(numbers(await all(await open(scene.base, id, '?after=3')))).toEqual(whole.slice(3));
    expect(numbers(await all(await open(scene.base, id, '?after=1', { 'last-event-id': '2' })))).toEqual(whole.slice(2));
  });

  test('that is resumed when nothing is left is answered with 204, so that browsers stop', async () => {
    const id = await finished();
    const last = numbers(await all(await open(scene.base, id))).at(-1);
    expect((await open(scene.base, id, '', { 'last-event-id': String(last) })).status).toBe(204);
  });

  test('goes on after the end of a run when it is to follow, and shows the retry', async () => {
    const id = await endless();
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
    const stop = new AbortController();
    const response = await open(scene.base, id, '?follow=true', {}, stop.signal);
    for await (const { event } of eventsOf(response)) {
      if (event === 'run.cancelled') await scene.call('POST', `/api/v1/runs/${id}/retry`);
      if (event === 'run.retried') break;
    }
    stop.abort();
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
  });

  test('is refused with a bad number of the last event', async () => {
    const response = await open(scene.base, await finished(), '', { 'last-event-id': 'last' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('is refused when the tenant holds too many, and its place is free when a client leaves', async () => {
    const id = await endless();
    const stop = new AbortController();
    const held = await Promise.all([1, 2, 3].map(() => open(scene.base, id, '', {}, stop.signal)));
    expect(held.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await open(scene.base, id);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' });
    stop.abort();
    await eventually(async () => {
      expect((await scene.call('GET', '/health/detailed')).json.eventStreams).toBe(0);
    });
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
    expect((await open(scene.base, id)).status).toBe(200);
  });
});

describe('draining', () => {
  test('ends streams, closes connections with each answer, goes on answering, and closes', async () => {
    await using other = await openScene();
    await other.pipeline('long', 'endless');
    const id = await other.run('long');
    const stream = all(await open(other.base, id));
    await other.server.drain(AbortSignal.timeout(5_000));
    const events = await stream;
    expect(events.length).toBeGreaterThan(0);
    expect(events.some(({ event }) => event === 'end')).toBe(false);
    const answer = await other.call('GET', `/api/v1/runs/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect((await open(other.base, id)).status).toBe(503);
    await other.server.close();
    await other.server.close();
    await expect(fetch(`${other.base}/health`)).rejects.toThrow();
  });

  test('streams go on and are given while balancers do not know of it yet', async () => {
    await using other = await openScene({ config: { drainDelayMs: () => 600_000 } });
    await other.pipeline('long', 'endless');
    const id = await other.run('long');
    const before = all(await open(other.base, id));
    const enough = new AbortController();
    const drained = other.server.drain(enough.signal);
    const response = await open(other.base, id);
    expect(response.status).toBe(200);
    const meanwhile = all(response);
    await other.call('POST', `/api/v1/runs/${id}/cancel`);
    for (const events of await Promise.all([before, meanwhile])) expect(events.some(({ event }) => event === 'end')).toBe(true);
    enough.abort();
    await drained;
  });

  test('the delay before the end of the drain is cut short by the deadline', async () => {
    await using other = await openScene({ config: { drainDelayMs: () => 600_000 } });
    await other.server.drain(AbortSignal.timeout(20));
    expect((await other.call('GET', '/health')).status).toBe(200);
  });
});
