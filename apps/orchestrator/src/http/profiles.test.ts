import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asCpuProfile } from '@mainstay/profiling';
import { type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

const PATH = '/api/v1/admin/profiles';

describe('POST /api/v1/admin/profiles', () => {
  test('records a CPU profile, a flame graph and an event loop report of this process', async () => {
    const { key } = await scene.key(['profiles:write']);
    const cpu = await scene.call('POST', PATH, { key, json: { seconds: 1 } });
    expect(asCpuProfile(cpu.json).samples.length).toBeGreaterThan(0);
    const flames = await scene.call('POST', PATH, { key, json: { kind: 'flame-graph', seconds: 1, process: 'orchestrator-test' } });
    expect([flames.headers.get('content-type'), flames.text.startsWith('<svg')]).toEqual(['image/svg+xml; charset=utf-8', true]);
    const loop = await scene.call('POST', PATH, { key, json: { kind: 'event-loop', seconds: 1 } });
    expect(loop.json).toMatchObject({ utilization: expect.any(Number), lagMs: { max: expect.any(Number) } });
  });

  test('one at a time, of processes that there are, for who may', async () => {
    const first = scene.call('POST', PATH, { json: { seconds: 1 } });
    for (let code = ''; code !== 'PROFILE_RUNNING';) ({ code } = (await scene.call('POST', PATH, { json: { kind: 'heap' } })).json);
    expect((await first).status).toBe(200);
    expect((await scene.call('POST', PATH, { json: { process: 'nobody' } })).json).toMatchObject({
      status: 404,
      code: 'PROCESS_NOT_FOUND',
    });
    const { key: other } = await scene.key(['profiles:write'], { tenant: 'other' });
    expect((await scene.call('POST', PATH, { key: other, json: {} })).json).toMatchObject({
      code: 'FORBIDDEN',
      details: { tenant: 'default' },
    });
    const { key: reader } = await scene.key(['metrics:read']);
    expect((await scene.call('POST', PATH, { key: reader, json: {} })).json).toMatchObject({
      code: 'FORBIDDEN',
      details: { scope: 'profiles:write' },
    });
    expect((await scene.call('POST', PATH, { json: { seconds: 61 } })).json.code).toBe('VALIDATION_FAILED');
  });
});
