import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
  await scene.pipeline('echo', 'noop');
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

interface Result {
  readonly status: number;
  readonly id: string;
  readonly runStatus: string;
  readonly error?: { readonly code: string; readonly issues: readonly { readonly path: string }[] };
}

async function send(runs: unknown, more: object = {}) {
  const answer = await scene.call('POST', '/api/v1/runs/batch', { json: { runs }, ...more });
  return { ...answer, results: (answer.json as unknown as { readonly results: readonly Result[] }).results };
}

describe('POST /api/v1/runs/batch', () => {
  test('starts every run and tells their ids in order', async () => {
    const { status, results } = await send([1, 2, 3].map((n) => ({ pipeline: 'echo', input: { n }, correlationId: `run-${String(n)}` })));
    expect(status).toBe(202);
    expect(results.map((one) => one.status)).toEqual([202, 202, 202]);
    for (const [index, { id }] of results.entries()) {
      const run = await scene.until(id, 'succeeded');
      expect(run).toMatchObject({ input: { n: index + 1 }, correlationId: `run-${String(index + 1)}` });
    }
  });

  test('gives each run a correlation id of its own and the trace of the request', async () => {
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const { results } = await send([{ pipeline: 'echo' }, { pipeline: 'echo' }], { headers });
    const states = [...(await scene.store.load(results.map(({ id }) => id))).values()];
    expect(new Set(states.map(({ correlationId }) => correlationId)).size).toBe(2);
    expect(states.every(({ traceparent }) => traceparent.startsWith('00-0af7651916cd43dd8448eb211c80319c-'))).toBe(true);
  });

  test('answers each run by itself: those that are wrong do not hold up the others', async () => {
    const { status, results } = await send([
      { pipeline: 'echo' },
      { pipeline: 'unheard-of' },
      { pipeline: 'echo', colour: 'red' },
      17,
      { pipeline: 'echo', priority: 5 },
    ]);
    expect(status).toBe(207);
    expect(results.map((one) => one.status)).toEqual([202, 404, 400, 400, 202]);
    expect(results.map((one) => one.error?.code)).toEqual([
      undefined,
      'PIPELINE_NOT_FOUND',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      undefined,
    ]);
  });

  test('an idempotency key gives the run that was created first, in one batch, in the next and alone', async () => {
    const run = { pipeline: 'echo', input: { text: 'once' }, idempotencyKey: 'batch-1' };
    const first = await send([run, run]);
    expect(first.results.map((one) => one.status)).toEqual([202, 200]);
    const again = await send([run, { ...run, input: { text: 'twice' } }]);
    expect(again.results.map((one) => one.status)).toEqual([200, 409]);
    const { idempotencyKey, ...alone } = run;
    const single = await scene.call('POST', '/api/v1/runs', { json: alone, headers: { 'idempotency-key': idempotencyKey } });
    expect(single.headers.get('idempotency-replayed')).toBe('true');
    expect(new Set([...first.results, again.results[0], single.json].map((one) => one?.id)).size).toBe(1);
  });

  test.each([
    ['no runs', { runs: [] }],
    ['too many', { runs: Array.from({ length: 501 }, () => ({ pipeline: 'echo' })) }],
    ['no list', { runs: 'echo' }],
    ['something else', { runs: [{ pipeline: 'echo' }], more: 1 }],
  ])('%s is refused as a whole', async (_name, json) => {
    const { status, json: body } = await scene.call('POST', '/api/v1/runs/batch', { json });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
  });

  test('a body beyond the limit is refused, and reading runs does not allow to start them', async () => {
    const large = await send([{ pipeline: 'echo', input: 'x'.repeat(110_000) }]);
    expect(large.json.code).toBe('PAYLOAD_TOO_LARGE');
    const { key } = await scene.key(['runs:read']);
    expect((await send([{ pipeline: 'echo' }], { key })).json.code).toBe('FORBIDDEN');
  });
});

describe('a batch under overload', () => {
  test.each([
    ['tells which runs were taken and when to repeat the others', 1],
    ['is refused as a whole when none was taken', 0],
  ])('%s', async (_name, maxWaiting) => {
    await using full = await openScene({ engineConfig: { maxWaiting } });
    await full.pipeline('greet', 'noop');
    const answer = await full.call('POST', '/api/v1/runs/batch', { json: { runs: [{ pipeline: 'greet' }, { pipeline: 'greet' }] } });
    const { results = [] } = answer.json as unknown as { readonly results?: readonly Result[] };
    expect({ status: answer.status, each: results.map((one) => one.status) }).toEqual(
      maxWaiting === 1 ? { status: 207, each: [202, 503] } : { status: 503, each: [] },
    );
    expect(answer.headers.get('retry-after')).toMatch(/^[12]$/);
  });
});
