import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, type ClientOptions, createClient } from '@mainstay/client';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
let client: Client;
const connect = (more: Partial<ClientOptions> = {}) => createClient({ url: scene.base, key: ADMIN_KEY, ...more });

beforeAll(async () => {
  scene = await openScene();
  await scene.pipeline('noop', 'noop');
  await scene.pipeline('sleep', 'sleep');
  await scene.pipeline('fail', 'fail', { retry: { maxAttempts: 1 } });
  await scene.pipeline('asker', 'asker');
  client = connect();
});
afterAll(async () => {
  await client.close();
  await scene[Symbol.asyncDispose]();
});

/** How often the server was asked, by the routes it counted. */
async function requests(route: string): Promise<number> {
  const { text } = await scene.call('GET', '/metrics');
  const counts = [...text.matchAll(/^mainstay_http_requests_total\{([^}]*)\} (\d+)$/gm)];
  return counts.filter(([, labels = '']) => labels.includes(`route="${route}"`)).reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('@mainstay/client against the real server', () => {
  test('runs a pipeline and tells how it ended, with the output where that is asked for', async () => {
    const end = await client.run({ pipeline: 'noop', input: { a: 1 } });
    expect(end).toEqual({ id: expect.any(String), status: 'succeeded', finishedAt: expect.any(String) });
    const { output } = await client.result(end.id, { output: true });
    expect(output).toBeDefined();
    expect(await client.get(end.id)).toMatchObject({ id: end.id, status: 'succeeded', finishedAt: end.finishedAt, input: { a: 1 } });
  });

  test('a run that fails is an end, not a rejection', async () => {
    const end = await client.run({ pipeline: 'fail', input: { times: 5 } }, { output: true });
    expect(end).toMatchObject({ status: 'failed', error: { code: expect.any(String) } });
  });

  test('submissions of one turn travel in one request, and all their ends are told by one stream', async () => {
    const before = { batch: await requests('/api/v1/runs/batch'), alone: await requests('/api/v1/runs') };
    const ends = await Promise.all(Array.from({ length: 50 }, (_, n) => client.run({ pipeline: 'noop', input: { n } })));
    expect(ends.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(new Set(ends.map(({ id }) => id)).size).toBe(50);
    expect(await requests('/api/v1/runs/batch')).toBe(before.batch + 1);
    expect(await requests('/api/v1/runs')).toBe(before.alone);
  });

  test('each of many gets its own answer', async () => {
    const results = await client.submitMany([{ pipeline: 'noop' }, { pipeline: 'unheard-of' }, { pipeline: 'noop', priority: 1_000 }]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { code: 'PIPELINE_NOT_FOUND', disposition: 'terminal' } });
    expect(results[2]).toMatchObject({ reason: { code: 'VALIDATION_FAILED', details: { issues: [{ path: '/priority' }] } } });
  });

  test('finds a run that had ended before it was asked for, and one that was started by somebody else', async () => {
    const id = await scene.run('noop');
    await scene.until(id, 'succeeded');
    await using fresh = connect();
    expect(await fresh.result(id)).toMatchObject({ id, status: 'succeeded' });
    const later = await scene.run('sleep', { ms: 50 });
    expect(await fresh.result(later)).toMatchObject({ id: later, status: 'succeeded' });
  });

  test('rejects for runs that do not exist', async () => {
    await expect(client.result('01890000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(client.get('01890000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('a wrong key rejects everything that is asked, the results that are awaited as well', async () => {
    await using stranger = connect({ key: 'wrong'.repeat(8) });
    await expect(stranger.submit({ pipeline: 'noop' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(stranger.result('01890000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a signal ends the wait and not the run', async () => {
    const gone = new AbortController();
    const { id } = await client.submit({ pipeline: 'sleep', input: { ms: 100 } });
    const result = client.result(id, { signal: gone.signal });
    gone.abort(new Error('no longer interested'));
    await expect(result).rejects.toThrow('no longer interested');
    expect(await client.result(id)).toMatchObject({ status: 'succeeded' });
  });

  test('cancels', async () => {
    const { id } = await client.submit({ pipeline: 'sleep', input: { ms: 60_000 } });
    await client.cancel(id, { reason: 'no longer needed' });
    expect(await client.result(id)).toMatchObject({ status: 'cancelled' });
  });

  test('answers what a run asks', async () => {
    const { id } = await client.submit({ pipeline: 'asker' });
    const { decisions } = await scene.until(id, 'waiting');
    expect(await client.answer(decisions[0].id, 'green')).toMatchObject({ status: 'answered', answer: 'green' });
    expect(await client.result(id)).toMatchObject({ status: 'succeeded' });
  });

  test('gives the events of a run, each once and in order', async () => {
    const { id } = await client.submit({ pipeline: 'noop' });
    const events = await all(client.events(id));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).toBe('run.succeeded');
    expect(await all(client.events(id, { after: events.length }))).toEqual([]);
  });

  test('the same idempotency key gives the same run, awaited or not', async () => {
    const request = { pipeline: 'noop', idempotencyKey: 'client-1' };
    const first = await client.run(request);
    const again = await client.submit(request);
    expect(again).toMatchObject({ id: first.id, repeated: true });
    expect((await client.run(request)).id).toBe(first.id);
  });

  test('after it is closed everything rejects, and what was awaited as well', async () => {
    const closing = connect();
    const { id } = await closing.submit({ pipeline: 'sleep', input: { ms: 200 } });
    const result = closing.result(id);
    await closing.close();
    await expect(result).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(closing.submit({ pipeline: 'noop' })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(closing.result(id)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
