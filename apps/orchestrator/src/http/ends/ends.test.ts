import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_KEY, eventually, type HttpScene, openScene } from '../testing/http-scene.ts';
import { endsText } from './end-text.ts';
import { positionOf, positionText } from './position.ts';
import { Told } from './told.ts';

const PATH = '/api/v1/runs/ends';
let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
  await scene.pipeline('noop', 'noop');
  await scene.pipeline('fail', 'fail', { retry: { maxAttempts: 1 } });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { readonly id: string; readonly status: string; readonly finishedAt: string } | undefined;
}

/** An open stream, and what has come so far. */
async function listen(headers: Readonly<Record<string, string>> = {}, key = ADMIN_KEY) {
  const gone = new AbortController();
  const response = await fetch(scene.base + PATH, {
    headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', ...headers },
    signal: gone.signal,
  });
  let text = '';
  const reading = (async () => {
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) text += chunk;
  })().catch(() => undefined);
  const field = (block: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const messages = (): Message[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => ({
        id: field(block, 'id'),
        event: field(block, 'event'),
        data: (JSON.parse(field(block, 'data') ?? 'null') as Message['data'] | null) ?? undefined,
      }));
  const ends = () => messages().flatMap((message) => (message.data === undefined ? [] : [{ ...message, data: message.data }]));
  return {
    response,
    messages,
    ends,
    /** The end of the run, once it has been told. */
    of: (run: string) =>
      eventually(async () => {
        const found = ends().find(({ data }) => data.id === run);
        if (found === undefined) throw new Error(`the end of ${run} was not told: ${text}`);
        return found;
      }),
    start: () =>
      eventually(async () => {
        const [, first] = messages();
        if (first?.id === undefined) throw new Error('the stream has not begun');
        return first.id;
      }),
    async [Symbol.asyncDispose]() {
      gone.abort();
      await reading;
    },
  };
}

describe('GET /api/v1/runs/ends as a stream', () => {
  test('tells every end of the tenant as it happens, and how', async () => {
    await using stream = await listen();
    await stream.start();
    const [good, bad] = [await scene.run('noop'), await scene.run('fail', { times: 9 })];
    expect(await stream.of(good)).toMatchObject({ event: 'run.succeeded', data: { status: 'succeeded' } });
    expect(await stream.of(bad)).toMatchObject({ event: 'run.failed', data: { status: 'failed' } });
    const { finishedAt } = await scene.until(good, 'succeeded');
    const { data, id } = await stream.of(good);
    expect(data.finishedAt).toBe(finishedAt);
    expect(positionOf(String(id))).toEqual({ at: Date.parse(finishedAt), run: good });
  });

  test('without a position it begins now, and says where', async () => {
    const before = await scene.run('noop');
    await scene.until(before, 'succeeded');
    await using stream = await listen();
    expect(await stream.start()).toMatch(/^\d+$/);
    const after = await scene.run('noop');
    await stream.of(after);
    expect(stream.ends().map(({ data }) => data.id)).toEqual([after]);
  });

  test('resumes after a position: what ended meanwhile comes first, each once', async () => {
    const first = await (async () => {
      await using stream = await listen();
      await stream.start();
      return await stream.of(await scene.run('noop'));
    })();
    const missed = [await scene.run('noop'), await scene.run('noop')];
    for (const run of missed) await scene.until(run, 'succeeded');
    await using resumed = await listen({ 'last-event-id': String(first.id) });
    const live = await scene.run('noop');
    await resumed.of(live);
    const told = resumed.ends().map(({ data }) => data.id);
    expect(told).toEqual(expect.arrayContaining([...missed, live]));
    expect(new Set(told).size).toBe(told.length);
  });

  test('tells nothing of other tenants', async () => {
    const { key } = await scene.key(['runs:read'], { tenant: 'other' });
    await using stream = await listen({}, key);
    await stream.start();
    await using mine = await listen();
    await mine.start();
    await mine.of(await scene.run('noop'));
    expect(stream.ends()).toEqual([]);
  });

  test.each(['yesterday', '-1', '5_5', '1_01890000-0000-7000-8000-00000000000G'])('the position %s is refused', async (position) => {
    const answer = await scene.call('GET', PATH, { headers: { accept: 'text/event-stream', 'last-event-id': position } });
    expect(answer.json.code).toBe('VALIDATION_FAILED');
  });
});

describe('GET /api/v1/runs/ends as JSON', () => {
  test('pages begin now or at a position, and continue', async () => {
    const start = await scene.call('GET', PATH);
    expect(start.json.items).toEqual([]);
    const runs = [await scene.run('noop'), await scene.run('noop')];
    for (const run of runs) await scene.until(run, 'succeeded');
    const page = await scene.call('GET', `${PATH}?after=${String(start.json.after)}`);
    expect(page.json.items.map(({ id }) => id)).toEqual(expect.arrayContaining(runs));
    const all = await scene.call('GET', `${PATH}?after=0&limit=1`);
    expect(all.json.items).toHaveLength(1);
  });

  test('of given runs it tells which have ended, and which there are not', async () => {
    const done = await scene.run('noop');
    await scene.until(done, 'succeeded');
    const nowhere = '01890000-0000-7000-8000-000000000000';
    const { json } = await scene.call('GET', `${PATH}?runs=${done},${nowhere}`);
    expect(json).toMatchObject({ items: [{ id: done, status: 'succeeded' }], unknown: [nowhere] });
    const { key } = await scene.key(['runs:read'], { tenant: 'other' });
    expect((await scene.call('GET', `${PATH}?runs=${done}`, { key })).json).toMatchObject({ items: [], unknown: [done] });
  });
});

describe('positions', () => {
  test.each(['0', '1700000000000', '1700000000000.25_01890000-0000-7000-8000-000000000000'])('%s is written as it was read', (text) => {
    expect(positionText(positionOf(text))).toBe(text);
  });
});

describe('Told', () => {
  const end = (run: string, at: number) => ({ run, status: 'succeeded', at }) as const;

  test('gives each end once, and another end of the same run again', () => {
    const told = new Told(10);
    expect(told.fresh([end('a', 1), end('b', 1), end('a', 1)])).toEqual([end('a', 1), end('b', 1)]);
    expect(told.fresh([end('a', 1), end('a', 2)])).toEqual([end('a', 2)]);
  });

  test('forgets the oldest', () => {
    const told = new Told(2);
    told.fresh([end('a', 1), end('b', 1), end('c', 1)]);
    expect(told.fresh([end('b', 1), end('c', 1), end('a', 1)])).toEqual([end('a', 1)]);
  });
});

test('ends are written as events with a position', () => {
  expect(endsText([{ run: 'r', status: 'failed', at: 1_700_000_000_000 }])).toBe(
    'id: 1700000000000_r\nevent: run.failed\ndata: {"id":"r","status":"failed","finishedAt":"2023-11-14T22:13:20.000Z"}\n\n',
  );
});
