import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asCpuProfile, timesOf } from '@mainstay/profiling';
import { problemSchema } from './schemas/common.ts';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

async function post(query: string, key?: string, signal?: AbortSignal) {
  const response = await fetch(`${scene.managementBase}/profile${query}`, {
    method: 'POST',
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

describe('POST /profile on the management port', () => {
  test('gives admins of the operator a CPU profile, one at a time', async () => {
    const [first, second] = await Promise.all([post('?seconds=1', ADMIN_KEY), post('?seconds=1', ADMIN_KEY)]);
    const [given, refused] = first.status === 200 ? [first, second] : [second, first];
    expect(timesOf(asCpuProfile(given.json)).recordedMs).toBeGreaterThan(500);
    expect(refused.json).toMatchObject({ status: 409, code: 'PROFILE_RUNNING', details: { endsInMs: expect.any(Number) } });
    expect(refused.headers.get('retry-after')).toBe('1');
    problemSchema.parse(refused.json);
  });

  test('is refused without a key, to other admins, and with a wrong query', async () => {
    const { key } = await scene.key(['admin'], { tenant: 'other' });
    expect(await post('')).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect(await post('', key)).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(await post('?seconds=61', ADMIN_KEY)).toMatchObject({
      status: 400,
      json: { code: 'VALIDATION_FAILED', issues: [{ path: '/seconds', problem: 'must be a whole number from 1 to 60', in: 'query' }] },
    });
    expect((await fetch(`${scene.managementBase}/profile`)).status).toBe(404);
  });

  test('ends when the client goes', async () => {
    const gone = new AbortController();
    const asked = post('?seconds=60', ADMIN_KEY, gone.signal).catch(() => 'gone');
    for (;;) {
      const other = await post('?seconds=1', ADMIN_KEY);
      if (other.status === 409) break;
    }
    gone.abort();
    expect(await asked).toBe('gone');
    for (let status = 409; status !== 200;) ({ status } = await post('?seconds=1', ADMIN_KEY));
  }, 20_000);
});
