import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import { type HttpScene, openScene } from './testing/http-scene.ts';

const GB = 1_073_741_824;
const PATH = '/api/v1/admin/emergency';

/** A scene whose process uses as much memory as it is told. */
async function emergencyScene() {
  const clock = new FakeClock();
  const use = { memoryShare: 0.3 };
  const sampler = {
    sample: () => ({
      ...{ atMs: clock.monotonic(), rssBytes: GB / 2, heapUsedBytes: 1, heapLimitBytes: GB, memoryLimitBytes: GB, ...use },
      ...{ cpuShare: 0.1, loopUtilization: 0.1, loopLagMs: 1, handles: 1 },
    }),
    [Symbol.dispose]: () => undefined,
  };
  const scene = await openScene({ hardening: { clock, sampler } });
  await scene.pipeline('one', 'noop');
  const submit = async (priority: number) => scene.call('POST', '/api/v1/runs', { json: { pipeline: 'one', priority } });
  return {
    ...{ scene, submit },
    statuses: async () => [(await submit(-1)).status, (await submit(0)).status, (await submit(1)).status],
    /** Looks for so many seconds at a process that uses so much. */
    async pass(memoryShare: number, seconds: number) {
      use.memoryShare = memoryShare;
      for (let n = 0; n < seconds; n++) {
        await clock.advance(1_000);
        scene.hardening.look();
      }
      await scene.hardening.emergency.settled();
    },
  };
}

describe('an orchestrator that runs out of memory', () => {
  let it: Awaited<ReturnType<typeof emergencyScene>>;
  beforeAll(async () => {
    it = await emergencyScene();
  });
  afterAll(async () => {
    await it.scene[Symbol.asyncDispose]();
  });

  test('first refuses low priority with OVERLOADED', async () => {
    expect(await it.statuses()).toEqual([202, 202, 202]);
    await it.pass(0.92, 1);
    expect(await it.statuses()).toEqual([503, 202, 202]);
    expect(await it.submit(-1)).toMatchObject({ json: { code: 'OVERLOADED' } });
  });

  test('then takes only high priority, and says when to come back', async () => {
    await it.pass(0.97, 4);
    expect(await it.statuses()).toEqual([503, 503, 202]);
    const refused = await it.submit(0);
    expect(refused).toMatchObject({ json: { code: 'EMERGENCY' } });
    expect(refused.headers.get('retry-after')).toBe('15');
    const { json } = await it.scene.call('GET', PATH);
    expect(json).toMatchObject({ active: true, leastPriority: 'high' });
    expect(json.triggers).toContain('memory');
    const [acted] = json.recent;
    expect(acted).toMatchObject({ change: 'acted' });
    expect(JSON.stringify(acted)).toContain('"clear-caches","result":"done"');
  });

  test('of a batch it takes what is of high priority', async () => {
    const runs = [-1, 0, 1].map((priority) => ({ pipeline: 'one', priority }));
    const answer = await it.scene.call('POST', '/api/v1/runs/batch', { json: { runs } });
    expect(answer.status).toBe(207);
    expect(answer.json.results.map(({ status }) => status)).toEqual([503, 503, 202]);
    expect(answer.headers.get('retry-after')).toBe('15');
  });

  test('shows it in metrics and health', async () => {
    const { text } = await it.scene.call('GET', '/metrics');
    expect(text).toMatch(/^mainstay_emergency\{.*\} 1$/m);
    expect(text).toMatch(/^mainstay_emergencies_total\{.*trigger="memory".*\} 1$/m);
    expect(text).toMatch(/^mainstay_submissions_shed_total\{.*code="EMERGENCY".*\} \d+$/m);
    const { json } = await it.scene.call('GET', '/health/detailed');
    expect(json.parts['memory']).toBeLessThan(0.2);
    expect(json.score).toBeLessThan(0.3);
  });

  test('comes out of it by itself when everything was well for half a minute', async () => {
    await it.pass(0.3, 20);
    expect(await it.statuses()).toEqual([503, 503, 202]);
    await it.pass(0.3, 20);
    expect(await it.statuses()).toEqual([202, 202, 202]);
    const { json } = await it.scene.call('GET', PATH);
    expect(json).toMatchObject({ active: false, triggers: [], leastPriority: 'low' });
  });
});

describe('an emergency by hand', () => {
  let scene: HttpScene;
  beforeAll(async () => {
    scene = await openScene();
    await scene.pipeline('one', 'noop');
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });
  const submit = async () => (await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'one' } })).status;

  test('begins and ends at once, and is told with who and why', async () => {
    const begun = await scene.call('POST', PATH, { json: { reason: 'drill' } });
    expect(begun).toMatchObject({ status: 200, json: { active: true, triggers: ['manual'] } });
    expect(await submit()).toBe(503);
    const ended = await scene.call('POST', PATH, { json: { active: false, reason: 'done' } });
    expect(ended.json.active).toBe(false);
    expect(await submit()).toBe(202);
    expect(ended.json.recent.find(({ change }) => change === 'entered')).toMatchObject({ by: 'admin', reason: 'drill' });
    expect(scene.lines.some((line) => line.includes('an emergency begins') && line.includes('drill'))).toBe(true);
    expect(scene.lines.some((line) => line.includes('EMERGENCY: this process needs attention'))).toBe(true);
  });

  test('ends with DELETE', async () => {
    await scene.call('POST', PATH, { json: { active: true, reason: 'drill' } });
    expect(await scene.call('DELETE', PATH)).toMatchObject({ status: 200, json: { active: false } });
    expect(await submit()).toBe(202);
  });

  test('needs a reason, and an admin of the operator', async () => {
    expect(await scene.call('POST', PATH, { json: {} })).toMatchObject({ status: 400, json: { code: 'VALIDATION_FAILED' } });
    const { key } = await scene.key(['admin'], { tenant: 'acme' });
    for (const method of ['GET', 'DELETE']) expect((await scene.call(method, PATH, { key })).status).toBe(403);
    expect((await scene.call('POST', PATH, { key, json: { reason: 'x' } })).status).toBe(403);
  });
});
