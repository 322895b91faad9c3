import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HttpScene, openScene } from './testing/http-scene.ts';

describe('the deadline of a request for a run', () => {
  let scene: HttpScene;
  beforeAll(async () => {
    scene = await openScene();
    await scene.pipeline('slow', 'endless');
    await scene.pipeline('quick', 'noop');
    const stages = [{ id: 'only', agent: 'noop' }];
    await scene.call('PUT', '/api/v1/pipelines/bounded', { json: { name: 'bounded', stages, timeoutMs: 60_000 } });
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });

  const submit = (pipeline: string, ms: string) =>
    scene.call('POST', '/api/v1/runs', { json: { pipeline }, headers: { 'x-deadline-ms': ms } });
  const leftMs = async (id: string) => {
    const { json } = await scene.call('GET', `/api/v1/runs/${id}`);
    return json.deadlineAt === undefined ? undefined : Date.parse(json.deadlineAt) - Date.parse(json.createdAt);
  };

  test('is that of the run, unless its pipeline grants it less', async () => {
    expect(await leftMs((await submit('quick', '5000')).json.id)).toBe(5_000);
    expect(await leftMs((await submit('bounded', '5000')).json.id)).toBe(5_000);
    expect(await leftMs((await submit('bounded', '90000')).json.id)).toBe(60_000);
    expect(await leftMs(await scene.run('quick'))).toBeUndefined();
  });

  test('ends the run when it passes, whether the run itself or its attempt notices first', async () => {
    const { json } = await submit('slow', '300');
    const { error } = await scene.until(json.id, 'failed');
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('that has passed already begins nothing', async () => {
    expect(await submit('quick', '0')).toMatchObject({ status: 504, json: { code: 'DEADLINE_EXCEEDED' } });
  });

  test.each(['-1', '1.5', 'soon', '99999999999'])('that is %s is refused', async (ms) => {
    expect(await submit('quick', ms)).toMatchObject({ status: 400, json: { code: 'VALIDATION_FAILED' } });
  });

  test('of a batch is that of its runs, unless they bring one', async () => {
    const runs = [{ pipeline: 'quick' }, { pipeline: 'quick', deadlineMs: 1_000 }, { pipeline: 'quick', deadlineMs: 0 }];
    const { status, json } = await scene.call('POST', '/api/v1/runs/batch', { json: { runs }, headers: { 'x-deadline-ms': '5000' } });
    expect(status).toBe(207);
    expect(json.results.map((result) => result.status)).toEqual([202, 202, 504]);
    expect(await Promise.all(json.results.slice(0, 2).map(({ id }) => leftMs(id)))).toEqual([5_000, 1_000]);
  });

  test('does not make the same request another one', async () => {
    const ask = (ms: string) =>
      scene.call('POST', '/api/v1/runs', { json: { pipeline: 'quick' }, headers: { 'x-deadline-ms': ms, 'Idempotency-Key': 'same' } });
    const first = await ask('5000');
    expect((await ask('4000')).json.id).toBe(first.json.id);
  });
});
