import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** Runs that fail for good; the group that they are in. */
async function failing(name: string, runs: number, count = runs) {
  await scene.pipeline(name, 'picky');
  for (let n = 0; n < runs; n++) await scene.until(await scene.run(name, { ok: false }), 'failed');
  return await eventually(async () => {
    const { json } = await scene.call('GET', '/api/v1/errors?code=AGENT_REJECTED');
    expect(json.items).toMatchObject([{ count }]);
    return json.items[0]?.id ?? '';
  });
}

describe('errors over HTTP', () => {
  test('failed attempts show up as one group, which is resolved until it is seen again', async () => {
    const id = await failing('fails-1', 3);
    expect((await scene.call('GET', `/api/v1/errors/${id}`)).json).toMatchObject({
      ...{ id, code: 'AGENT_REJECTED', name: 'AgentError', title: 'It is not ok', status: 'open', count: 3, runsTruncated: false },
      ...{ perMinute: expect.any(Number), runs: [expect.any(String), expect.any(String), expect.any(String)] },
      sample: { message: 'It is not ok', stack: expect.stringContaining('Picky') },
    });
    const resolved = await scene.call('POST', `/api/v1/errors/${id}/resolve`);
    expect(resolved.json).toMatchObject({ status: 'resolved', markedBy: 'admin' });
    expect((await scene.call('GET', '/api/v1/errors?status=open&code=AGENT_REJECTED')).json.items).toEqual([]);
    expect(scene.lines.some((line) => line.includes('a group of errors was marked') && line.includes(id))).toBe(true);
    await failing('fails-1', 1, 4);
    expect((await scene.call('GET', `/api/v1/errors/${id}`)).json.status).toBe('open');
    const ignored = await scene.call('POST', `/api/v1/errors/${id}/resolve`, { json: { status: 'ignored' } });
    expect(ignored.json.status).toBe('ignored');
    await failing('fails-1', 1, 5);
    expect((await scene.call('GET', `/api/v1/errors/${id}`)).json.status).toBe('ignored');
  });

  test('an attempt that is tried again counts, too, and names its run', async () => {
    await scene.pipeline('flaky', 'fail', { retry: { maxAttempts: 3, baseMs: 1, maxMs: 2 } });
    const run = await scene.run('flaky', { times: 2 });
    await scene.until(run, 'succeeded');
    await eventually(async () => {
      const { json } = await scene.call('GET', `/api/v1/errors?run=${run}`);
      expect(json.items).toMatchObject([{ code: 'AGENT_FAILED', title: 'Attempt <n> of <n> fails', count: 2, runs: [run] }]);
    });
  });

  test("other tenants see their own, and no stacks; the orchestrator's are for the operator", async () => {
    const { key } = await scene.key(['admin'], { tenant: 'acme' });
    scene.logger.error({ err: new Error('a bug of ours') }, 'something failed');
    await eventually(async () => {
      const { json } = await scene.call('GET', '/api/v1/errors?code=INTERNAL');
      expect(json.items).toMatchObject([{ title: 'a bug of ours' }]);
    });
    expect((await scene.call('GET', '/api/v1/errors', { key })).json).toEqual({ items: [] });
    const definition = { name: 'theirs', stages: [{ id: 'only', agent: 'picky' }] };
    await scene.call('PUT', '/api/v1/pipelines/theirs', { json: definition, key });
    await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'theirs', input: { ok: false } }, key });
    await eventually(async () => {
      const [group] = (await scene.call('GET', '/api/v1/errors', { key })).json.items;
      const { json } = await scene.call('GET', `/api/v1/errors/${String(group?.id)}`, { key });
      expect(json).toMatchObject({ code: 'AGENT_REJECTED', count: 1, sample: { message: 'It is not ok' } });
      expect(JSON.stringify(json)).not.toContain('stack');
    });
  });

  test.each([
    ['GET', ''],
    ['POST', '/resolve'],
  ])('%s of an unknown one%s is not found', async (method, suffix) => {
    for (const id of ['0'.repeat(16), 'x']) {
      const { json } = await scene.call(method, `/api/v1/errors/${id}${suffix}`);
      expect(json).toMatchObject({ status: 404, code: 'ERROR_GROUP_NOT_FOUND' });
    }
  });

  test('what is not a filter is refused', async () => {
    for (const query of ['status=gone', 'cursor=x', 'since=1'])
      expect((await scene.call('GET', `/api/v1/errors?${query}`)).json.code).toBe('VALIDATION_FAILED');
  });
});
