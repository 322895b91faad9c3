import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

async function put(body: string, key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${scene.managementBase}/log-level`, { method: 'PUT', body, headers });
  return { status: response.status, json: await response.json() };
}

test('PUT /log-level on the management port changes the level for admins of the operator, for a while', async () => {
  const { key } = await scene.key(['admin'], { tenant: 'other' });
  expect(await put('{"level":"debug"}')).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
  expect(await put('{"level":"debug"}', key)).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
  expect(await put('{"level":"loud"}', ADMIN_KEY)).toMatchObject({ status: 400, json: { issues: [{ path: '/level', in: 'body' }] } });
  const changed = await put('{"level":"debug","forSeconds":60}', ADMIN_KEY);
  expect(changed).toMatchObject({ status: 200, json: { level: 'debug', until: expect.any(String) } });
  const { previous } = changed.json as { previous: string };
  expect(await put(`{"level":${JSON.stringify(previous)}}`, ADMIN_KEY)).toEqual({
    status: 200,
    json: { level: previous, previous: 'debug' },
  });
});
