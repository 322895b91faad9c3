import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OverloadError, uuidv7 } from '@mainstay/types';
import { systemClock } from '@mainstay/utils';
import { redriveMany } from './routes/redrive-many.ts';
import { type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** A pipeline of stages that fail for good at their first try, and succeed when they are redriven. */
async function pipeline(name: string, ...stages: readonly string[]): Promise<void> {
  const stage = { agent: 'fail', input: { times: 1 }, retry: { maxAttempts: 1 } };
  const definition = { name, stages: ['s0', ...stages].map((id) => ({ id, ...stage })) };
  await scene.call('PUT', `/api/v1/pipelines/${name}`, { json: definition });
}

async function deadRuns(name: string, count: number): Promise<readonly string[]> {
  const runs: string[] = [];
  for (let n = 0; n < count; n++) runs.push(await scene.run(name));
  for (const run of runs) await scene.until(run, 'failed');
  return runs;
}

const letters = async (query: string) => (await scene.call('GET', `/api/v1/dead-letters?${query}`)).json.items;
const redrive = async (json: object) => (await scene.call('POST', '/api/v1/dead-letters/redrive', { json })).json;

describe('dead letters by filter', () => {
  test('are listed by what they are', async () => {
    await pipeline('listed');
    const [run] = await deadRuns('listed', 2);
    for (const query of ['pipeline=listed', 'pipeline=listed&status=waiting&stage=s0&agent=fail&code=AGENT_FAILED']) {
      expect(await letters(query)).toHaveLength(2);
    }
    expect(await letters(`run=${String(run)}`)).toHaveLength(1);
    for (const query of ['pipeline=listed&status=redriven', 'pipeline=listed&code=NETWORK_FAILED', 'run=x', 'agent=other']) {
      expect(await letters(query)).toEqual([]);
    }
    expect((await scene.call('GET', '/api/v1/dead-letters?status=gone')).json.code).toBe('VALIDATION_FAILED');
  });
});

describe('redriving many', () => {
  test('redrives what matches and waits, in pieces, and nothing else', async () => {
    await pipeline('many');
    await pipeline('others');
    const runs = await deadRuns('many', 5);
    await deadRuns('others', 1);
    const first = await redrive({ pipeline: 'many', limit: 3 });
    expect(first).toMatchObject({ matched: 3, redriven: 3, runs: 3, already: 0, failed: [], cursor: expect.any(String) });
    const second = await redrive({ pipeline: 'many', limit: 3, cursor: first.cursor });
    expect(second).toEqual({ matched: 2, redriven: 2, runs: 2, already: 0, failed: [] });
    // the second attempt of each succeeds
    for (const run of runs) expect(await scene.until(run, 'succeeded', 'failed')).toMatchObject({ status: 'succeeded' });
    expect(await redrive({ pipeline: 'many' })).toMatchObject({ matched: 0, redriven: 0 });
    expect(await letters('pipeline=others&status=waiting')).toHaveLength(1);
    expect(scene.lines.filter((line) => line.includes('dead letters were redriven') && line.includes('"redriven":3'))).toHaveLength(1);
  });

  test('a request that is repeated because its answer was lost redrives nothing twice', async () => {
    await pipeline('repeated');
    const [run] = await deadRuns('repeated', 1);
    const both = await Promise.all([redrive({ pipeline: 'repeated' }), redrive({ pipeline: 'repeated' })]);
    expect(both.map((result) => JSON.stringify(result)).join('')).not.toContain('"code"');
    const { json } = await scene.call('GET', `/api/v1/runs/${String(run)}/events`);
    expect(json.items.filter(({ type }) => type === 'task.redriven')).toHaveLength(1);
  });

  test('what failed in between is named and still waits; the same request finishes it', async () => {
    await pipeline('between');
    const runs = await deadRuns('between', 5);
    let acts = 0;
    const act: HttpScene['engine']['act'] = (...given) =>
      ++acts > 2 ? Promise.reject(new OverloadError('SHUTTING_DOWN', 'this process ends')) : scene.engine.act(...given);
    const services = { store: scene.store, clock: systemClock, engine: { act } };
    const call = { principal: { tenant: 'default', name: 'ann' }, trace: { correlationId: 'c' }, services };
    const result = await redriveMany(call, { pipeline: 'between' }, { limit: 100 });
    expect(result).toMatchObject({ matched: 5, redriven: 2, runs: 2, already: 0 });
    expect(result.failed.map(({ code }) => code)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN', 'SHUTTING_DOWN']);
    expect(await letters('pipeline=between&status=waiting')).toHaveLength(3);
    expect(await redrive({ pipeline: 'between' })).toMatchObject({ matched: 3, redriven: 3, failed: [] });
    for (const run of runs) await scene.until(run, 'succeeded');
  });

  test('a run with several dead tasks goes on once', async () => {
    await pipeline('twice', 's1');
    const [run] = await deadRuns('twice', 1);
    const waiting = await letters('pipeline=twice&status=waiting');
    expect(await redrive({ pipeline: 'twice' })).toMatchObject({ matched: waiting.length, redriven: waiting.length, runs: 1, failed: [] });
    expect(await letters(`run=${String(run)}&status=waiting&code=AGENT_FAILED`)).toEqual([]);
  });

  test('needs a body of filters', async () => {
    for (const json of [{ limit: 0 }, { limit: 501 }, { everything: true }, { cursor: 'x' }])
      expect((await redrive(json)).code).toBe('VALIDATION_FAILED');
  });
});

describe('discarding', () => {
  test('keeps who, when and why, and ends the redriving', async () => {
    await pipeline('discarded');
    await deadRuns('discarded', 1);
    const [letter] = await letters('pipeline=discarded');
    const path = `/api/v1/dead-letters/${String(letter?.id)}`;
    const record = { discardedBy: 'admin', discardReason: 'the file is gone', discardedAt: expect.any(String) };
    const discarded = await scene.call('POST', `${path}/discard`, { json: { reason: 'the file is gone' } });
    expect(discarded).toMatchObject({ status: 200, json: record });
    expect((await scene.call('GET', path)).json).toMatchObject(record);
    expect(await letters('pipeline=discarded&status=discarded')).toHaveLength(1);
    const again = await scene.call('POST', `${path}/discard`, { json: { reason: 'another' } });
    expect(again.json).toMatchObject({ status: 409, code: 'CONFLICT', details: { discardReason: 'the file is gone' } });
    expect((await scene.call('POST', `${path}/redrive`)).json).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(await redrive({ pipeline: 'discarded' })).toMatchObject({ matched: 0 });
    expect(scene.lines.filter((line) => line.includes('a dead letter was discarded') && line.includes('the file is gone'))).toHaveLength(1);
  });

  test('a redriven or unknown one cannot be discarded, nor one without a reason', async () => {
    await pipeline('redriven');
    await deadRuns('redriven', 1);
    const [letter] = await letters('pipeline=redriven');
    const path = `/api/v1/dead-letters/${String(letter?.id)}`;
    for (const json of [{}, { reason: '' }]) {
      expect((await scene.call('POST', `${path}/discard`, { json })).json.code).toBe('VALIDATION_FAILED');
    }
    await scene.call('POST', `${path}/redrive`);
    expect((await scene.call('POST', `${path}/discard`, { json: { reason: 'x' } })).json).toMatchObject({ status: 409, code: 'CONFLICT' });
    const unknown = await scene.call('POST', `/api/v1/dead-letters/${uuidv7()}/discard`, { json: { reason: 'x' } });
    expect(unknown.json).toMatchObject({ status: 404, code: 'DEAD_LETTER_NOT_FOUND' });
  });

  test("another tenant's cannot be seen, redriven or discarded", async () => {
    await pipeline('mine');
    await deadRuns('mine', 1);
    const { key } = await scene.key(['admin'], { tenant: 'acme' });
    const [letter] = await letters('pipeline=mine');
    const foreign = await scene.call('POST', `/api/v1/dead-letters/${String(letter?.id)}/discard`, { json: { reason: 'x' }, key });
    expect(foreign.json.code).toBe('DEAD_LETTER_NOT_FOUND');
    expect((await scene.call('POST', '/api/v1/dead-letters/redrive', { json: { pipeline: 'mine' }, key })).json).toMatchObject({
      matched: 0,
    });
  });
});
