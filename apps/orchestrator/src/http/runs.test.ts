import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import { eventually, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

describe('runs over HTTP', () => {
  test('a run is accepted with its place, and ends with the output of its stages', async () => {
    await scene.pipeline('greet', 'noop', { input: { text: 'Hello, ${input.name}' } });
    const accepted = await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'greet', input: { name: 'Ann' } } });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/api/v1/runs/${accepted.json.id}`);
    const run = await scene.until(accepted.json.id, 'succeeded');
    expect(run).toMatchObject({
      pipeline: 'greet',
      version: 1,
      input: { name: 'Ann' },
      priority: 0,
      degraded: false,
      decisions: [],
      tasks: [{ stage: 'only', agent: 'noop', status: 'succeeded', attempt: 1, output: { text: 'Hello, Ann' } }],
    });
    expect(Date.parse(run.finishedAt)).toBeGreaterThanOrEqual(Date.parse(run.createdAt));
  });

  test('the input is {} when none is given', async () => {
    await scene.pipeline('plain', 'noop');
    const { json } = await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'plain' } });
    expect(await scene.until(json.id, 'succeeded')).toMatchObject({ input: {}, tasks: [{ output: {} }] });
  });

  test('stages whose needs are not done are listed as pending, in order', async () => {
    const stages = [
      { id: 'last', agent: 'noop', needs: ['middle'] },
      { id: 'middle', agent: 'noop', needs: ['first'] },
      { id: 'first', agent: 'endless' },
    ];
    await scene.call('PUT', '/api/v1/pipelines/chain', { json: { name: 'chain', stages } });
    const id = await scene.run('chain');
    const { json } = await scene.call('GET', `/api/v1/runs/${id}`);
    expect(json.tasks.map(({ stage }: { stage: string }) => stage)).toEqual(['first', 'middle', 'last']);
    expect(json.tasks.slice(1)).toEqual([
      { stage: 'middle', agent: 'noop', status: 'pending', attempt: 0 },
      { stage: 'last', agent: 'noop', status: 'pending', attempt: 0 },
    ]);
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
  });

  test('the correlation id and the trace of the request follow the run', async () => {
    await scene.pipeline('traced', 'noop');
    const trace = 'a'.repeat(32);
    const accepted = await scene.call('POST', '/api/v1/runs', {
      json: { pipeline: 'traced' },
      headers: { 'x-correlation-id': 'order-7', traceparent: `00-${trace}-${'b'.repeat(16)}-01` },
    });
    expect(accepted.headers.get('x-correlation-id')).toBe('order-7');
    const state = (await scene.store.load([accepted.json.id])).get(accepted.json.id);
    expect(state).toMatchObject({ correlationId: 'order-7' });
    expect(state?.traceparent).toContain(trace);
  });

  test.each([
    [{}, '/pipeline'],
    [{ pipeline: 7 }, '/pipeline'],
    [{ pipeline: '' }, '/pipeline'],
    [{ pipeline: 'a\u0007' }, '/pipeline'],
    [{ pipeline: 'plain', priority: 101 }, '/priority'],
    [{ pipeline: 'plain', priority: 1.5 }, '/priority'],
    [{ pipeline: 'plain', version: 0 }, '/version'],
    [{ pipeline: 'plain', versoin: 1 }, ''],
    [[], ''],
    ['plain', ''],
    [null, ''],
  ])('the body %j is refused, pointing to %j', async (json, path) => {
    const answer = await scene.call('POST', '/api/v1/runs', { json });
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', issues: [expect.objectContaining({ path, in: 'body' })] });
  });

  test('unknown pipelines and versions are not found', async () => {
    await scene.pipeline('known', 'noop');
    for (const json of [{ pipeline: 'nothing' }, { pipeline: 'known', version: 99 }]) {
      expect((await scene.call('POST', '/api/v1/runs', { json })).json).toMatchObject({ status: 404, code: 'PIPELINE_NOT_FOUND' });
    }
  });

  test.each(['GET /', 'GET /events', 'POST /cancel', 'POST /pause', 'POST /resume', 'POST /retry'])(
    'an unknown run is not found by %s',
    async (what) => {
      const [method = '', suffix = ''] = what.split(' ');
      for (const id of [uuidv7(), 'not-a-uuid', '%00', '..%2Fruns']) {
        const answer = await scene.call(method, `/api/v1/runs/${id}${suffix === '/' ? '' : suffix}`);
        expect([400, 404]).toContain(answer.status);
        if (!id.startsWith('%')) expect(answer.json.code).toBe('RUN_NOT_FOUND');
      }
    },
  );

  test('runs are listed newest first, by state and pipeline, in pages', async () => {
    await scene.pipeline('listed', 'noop');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await scene.run('listed'));
    for (const id of ids) await scene.until(id, 'succeeded');
    const first = await scene.call('GET', '/api/v1/runs?pipeline=listed&status=succeeded&limit=2');
    const second = await scene.call('GET', `/api/v1/runs?pipeline=listed&limit=2&cursor=${encodeURIComponent(first.json.cursor ?? '')}`);
    const third = await scene.call('GET', `/api/v1/runs?pipeline=listed&limit=2&cursor=${encodeURIComponent(second.json.cursor ?? '')}`);
    const listed = [first, second, third].flatMap(({ json }) => json.items.map(({ id }: { id: string }) => id));
    expect(listed).toEqual(ids.toReversed());
    expect(third.json.cursor).toBeUndefined();
    expect((await scene.call('GET', '/api/v1/runs?pipeline=listed&status=failed')).json).toEqual({ items: [] });
  });

  test.each(['status=done', 'limit=0', 'limit=501', 'limit=ten', 'cursor=nonsense', 'color=red', 'limit=1&limit=2'])(
    'the query %s is refused',
    async (query) => {
      const answer = await scene.call('GET', `/api/v1/runs?${query}`);
      expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(answer.json.issues[0]).toBeDefined();
    },
  );
});

describe('idempotency keys', () => {
  const key = { 'idempotency-key': 'order-1' };

  test('the same request gives the same run, whatever the order of its members', async () => {
    await scene.pipeline('once', 'noop');
    const first = await scene.call('POST', '/api/v1/runs', { raw: '{"pipeline":"once","input":{"a":1,"b":2}}', headers: key });
    const again = await scene.call('POST', '/api/v1/runs', { raw: '{"input":{"b":2,"a":1},"pipeline":"once"}', headers: key });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again).toMatchObject({ status: 202, json: { id: first.json.id } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect((await scene.call('GET', '/api/v1/runs?pipeline=once')).json.items).toHaveLength(1);
  });

  test('another request under the same key is refused', async () => {
    await scene.pipeline('other', 'noop');
    const headers = { 'idempotency-key': 'order-2' };
    await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'other', input: 1 }, headers });
    const answer = await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'other', input: 2 }, headers });
    expect(answer.json).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('a key that is too long is refused', async () => {
    const answer = await scene.call('POST', '/api/v1/runs', {
      json: { pipeline: 'once' },
      headers: { 'idempotency-key': 'k'.repeat(201) },
    });
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', issues: [{ path: '/idempotency-key', in: 'headers' }] });
  });
});

describe('actions on runs', () => {
  test('a run is paused and resumed', async () => {
    await scene.pipeline('pausable', 'endless');
    const id = await scene.run('pausable');
    expect((await scene.call('POST', `/api/v1/runs/${id}/pause`)).json.status).toBe('paused');
    expect((await scene.call('POST', `/api/v1/runs/${id}/resume`, { json: {} })).json.status).toBe('running');
    expect((await scene.call('POST', `/api/v1/runs/${id}/cancel`, { json: { reason: 'enough' } })).json.status).toBe('cancelled');
  });

  test('a cancelled run is not cancelled again, but can be retried', async () => {
    await scene.pipeline('cancellable', 'endless');
    const id = await scene.run('cancellable');
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
    expect((await scene.call('POST', `/api/v1/runs/${id}/cancel`)).json).toMatchObject({ status: 409, code: 'RUN_STATE_CONFLICT' });
    expect((await scene.call('POST', `/api/v1/runs/${id}/resume`)).json).toMatchObject({ status: 409, code: 'RUN_STATE_CONFLICT' });
    const retried = await scene.call('POST', `/api/v1/runs/${id}/retry`);
    expect(retried).toMatchObject({ status: 200, json: { id, status: 'running' } });
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
  });

  test('a body that an action does not take is refused', async () => {
    const id = uuidv7();
    for (const [action, json] of [
      ['pause', { hard: true }],
      ['cancel', { reason: 7 }],
      ['cancel', { why: 'x' }],
    ] as const) {
      expect((await scene.call('POST', `/api/v1/runs/${id}/${action}`, { json })).json).toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });
});

describe('what can go wrong in a run', () => {
  test('an input that fails the schema of the agent fails the task with AGENT_INPUT_INVALID', async () => {
    await scene.pipeline('typed', 'picky');
    const run = await scene.until(await scene.run('typed', { ok: 'yes' }), 'failed');
    expect(run.tasks[0].error.code).toBe('AGENT_INPUT_INVALID');
  });

  test('an output that fails the schema of its agent fails the task with AGENT_OUTPUT_INVALID', async () => {
    await scene.pipeline('lying', 'liar');
    const run = await scene.until(await scene.run('lying'), 'failed');
    expect(run.tasks[0].error.code).toBe('AGENT_OUTPUT_INVALID');
  });

  test('an output larger than the limit fails the task with AGENT_OUTPUT_TOO_LARGE', async () => {
    await scene.pipeline('bulk', 'bulky');
    const run = await scene.until(await scene.run('bulk', { bytes: 1_100_000 }), 'failed');
    expect(run.tasks[0].error.code).toBe('AGENT_OUTPUT_TOO_LARGE');
  });

  test('a run for a kind of agent that nobody offers waits, and says for what and since when', async () => {
    await scene.pipeline('lonely', 'nobody');
    const id = await scene.run('lonely');
    const before = Date.now();
    await eventually(async () => {
      const { json } = await scene.call('GET', `/api/v1/runs/${id}`);
      expect(json).toMatchObject({ status: 'running', tasks: [{ status: 'dispatched', waitingFor: { agent: 'nobody' } }] });
      expect(Math.abs(Date.parse(json.tasks[0].waitingFor.since) - before)).toBeLessThan(60_000);
    });
    expect((await scene.call('GET', '/api/v1/agents')).json.missing).toEqual([expect.objectContaining({ agent: 'nobody', waiting: 1 })]);
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
  });
});
