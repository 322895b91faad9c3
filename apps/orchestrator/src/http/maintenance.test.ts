import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HttpScene, openScene } from './testing/http-scene.ts';

const PATH = '/api/v1/maintenance/retention';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
  await scene.pipeline('kept', 'noop');
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

async function finished(): Promise<string> {
  const id = await scene.run('kept');
  await scene.until(id, 'succeeded');
  return id;
}

describe('retention over HTTP', () => {
  test('shows the policy, and removes what is older than the request says, with all that belongs to it', async () => {
    const runs = [await finished(), await finished(), await finished()];
    expect(await scene.call('GET', PATH)).toMatchObject({
      status: 200,
      json: { keepDays: 30, everyMinutes: 60, finishedRuns: 3, removable: 0 },
    });
    expect((await scene.call('POST', PATH)).json).toMatchObject({ removed: 0, more: false });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await scene.call('GET', `${PATH}?olderThanMs=0`)).json).toMatchObject({ removable: 3 });
    expect((await scene.call('POST', PATH, { json: { olderThanMs: 0, limit: 2 } })).json).toMatchObject({ removed: 2, more: true });
    expect((await scene.call('POST', PATH, { json: { olderThanMs: 0 } })).json).toMatchObject({ removed: 1, more: false });
    for (const run of runs) {
      expect((await scene.call('GET', `/api/v1/runs/${run}`)).status).toBe(404);
      expect((await scene.call('GET', `/api/v1/runs/${run}/events`)).status).toBe(404);
      expect((await scene.call('POST', `/api/v1/runs/${run}/retry`, { json: {} })).status).toBe(404);
    }
  });

  test('is for admins of the operator', async () => {
    const { key } = await scene.key(['admin'], { tenant: 'other' });
    const { key: reader } = await scene.key(['runs:write']);
    for (const method of ['GET', 'POST']) {
      expect(await scene.call(method, PATH, { key })).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
      expect((await scene.call(method, PATH, { key: reader })).status).toBe(403);
      expect((await scene.call(method, PATH, { key: null })).status).toBe(401);
    }
  });

  test.each([{ olderThanMs: -1 }, { olderThanMs: 1.5 }, { olderThanMs: '7d' }, { limit: 0 }, { limit: 100_001 }, { older: 1 }])(
    'refuses %j',
    async (json) => {
      expect(await scene.call('POST', PATH, { json })).toMatchObject({ status: 400, json: { code: 'VALIDATION_FAILED' } });
    },
  );

  test('refuses a query that is no age', async () => {
    expect((await scene.call('GET', `${PATH}?olderThanMs=7d`)).json).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: '/olderThanMs' }],
    });
  });
});
