import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AUDIT_ACTIONS } from '../store/audit.ts';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

interface AuditRecord {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
}

const records = async (query = '', key?: string): Promise<readonly AuditRecord[]> => {
  const { status, json, text } = await scene.call('GET', `/api/v1/audit?${query}`, key === undefined ? {} : { key });
  if (status !== 200) throw new Error(text);
  return json.items as unknown as readonly AuditRecord[];
};

const headers = { 'X-Correlation-Id': 'asked-by-a-test' };
const common = { actor: 'admin', correlationId: 'asked-by-a-test' };

/** A pipeline whose stages fail for good at their first try; returns the letter of a run of it. */
async function deadLetter(name: string): Promise<{ readonly id: string; readonly run: string }> {
  await scene.pipeline(name, 'fail', { input: { times: 1 }, retry: { maxAttempts: 1 } });
  const run = await scene.run(name);
  await scene.until(run, 'failed');
  const [letter] = (await scene.call('GET', `/api/v1/dead-letters?run=${run}`)).json.items;
  if (letter === undefined) throw new Error('no dead letter');
  return { id: letter.id, run };
}

describe('the audit record', () => {
  test('tells who redrove a dead letter, edited or not, one or many', async () => {
    const one = await deadLetter('one');
    await scene.call('POST', `/api/v1/dead-letters/${one.id}/redrive`, { json: { input: { times: 0, secret: 'hunter2' } }, headers });
    const found = await records(`target=${one.id}`);
    expect(found.map(({ action }) => action).toSorted()).toEqual(['dead-letter.edited', 'dead-letter.redriven']);
    for (const record of found) expect(record).toMatchObject({ ...common, details: { run: one.run, pipeline: 'one', stage: 'only' } });
    expect(JSON.stringify(found)).not.toContain('hunter2');

    const many = [await deadLetter('many'), await deadLetter('many')];
    await scene.call('POST', '/api/v1/dead-letters/redrive', { json: { pipeline: 'many' }, headers });
    for (const { id } of many) expect(await records(`target=${id}`)).toMatchObject([{ ...common, action: 'dead-letter.redriven' }]);

    const retried = await deadLetter('retried');
    await scene.call('POST', `/api/v1/runs/${retried.run}/retry`, { headers });
    expect(await records(`target=${retried.id}`)).toMatchObject([
      { ...common, action: 'dead-letter.redriven', details: { withRun: true } },
    ]);
  });

  test('tells who discarded one and why, and nothing of a second try', async () => {
    const { id, run } = await deadLetter('discarded');
    const json = { reason: 'the file is gone' };
    for (const _ of [1, 2]) await scene.call('POST', `/api/v1/dead-letters/${id}/discard`, { json, headers });
    expect(await records(`action=dead-letter.discarded&target=${id}`)).toMatchObject([
      { ...common, details: { ...json, run, stage: 'only' } },
    ]);
  });

  test('tells of keys, to both tenants where they differ, and never a key', async () => {
    const mine = await scene.key(['audit:read']);
    const theirs = await scene.key(['audit:read', 'runs:read'], { tenant: 'other' });
    await scene.call('DELETE', `/api/v1/api-keys/${mine.id}`, { headers });
    expect((await records(`target=${mine.id}`)).map(({ action }) => action).toSorted()).toEqual(['api-key.created', 'api-key.revoked']);
    expect(await records(`target=${theirs.id}`)).toHaveLength(1);
    const seen = await records('', theirs.key);
    expect(seen).toMatchObject([{ action: 'api-key.created', target: theirs.id, details: { tenant: 'other' } }]);
    expect(JSON.stringify([...seen, ...(await records())])).not.toContain(theirs.key);
  });

  test('tells of each new version of a pipeline, and of nothing that changes none', async () => {
    const stages = [{ id: 'a', agent: 'noop' }];
    const put = (json: object) => scene.call('PUT', '/api/v1/pipelines/told', { json, headers });
    await put({ name: 'told', stages });
    await put({ name: 'told', stages });
    await put({ name: 'told', stages, description: 'another' });
    expect(await records('action=pipeline.changed&target=told')).toMatchObject([
      { ...common, details: { version: 2, stages: 1 } },
      { ...common, details: { version: 1, stages: 1 } },
    ]);
  });

  test('tells of what is done to the process, before it is done', async () => {
    const name = scene.engine.name;
    await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'warn' }, headers });
    await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'info' } });
    const gc = await scene.call('POST', '/api/v1/admin/gc', { headers });
    expect(gc.json).toMatchObject({ collected: typeof globalThis.gc === 'function', after: { rssBytes: expect.any(Number) } });
    await scene.call('POST', '/api/v1/maintenance/retention', { json: { olderThanMs: 86_400_000 }, headers });
    const authorization = `Bearer ${ADMIN_KEY}`;
    const level = { method: 'PUT', headers: { authorization, ...headers }, body: '{"level":"info"}' };
    expect((await fetch(`${scene.managementBase}/log-level`, level)).status).toBe(200);
    const profile = { method: 'POST', headers: { authorization, ...headers } };
    expect((await fetch(`${scene.managementBase}/profile?seconds=1`, profile)).status).toBe(200);
    await scene.call('POST', '/api/v1/admin/profiles', { json: { seconds: 1, kind: 'event-loop' }, headers });
    const asked = (await records('limit=100')).filter(({ correlationId }) => correlationId === common.correlationId);
    const of = (action: string) => asked.filter((record) => record.action === action).map(({ target, details }) => ({ target, details }));
    expect(of('log-level.changed')).toEqual([
      { target: name, details: { level: 'info' } },
      { target: 'all', details: { level: 'warn' } },
    ]);
    expect(of('garbage.collected')).toEqual([{ target: name, details: {} }]);
    expect(of('runs.removed')).toEqual([{ target: 'finished runs', details: { olderThanMs: 86_400_000, limit: 10_000 } }]);
    expect(of('profile.taken')).toEqual([
      { target: name, details: { kind: 'event-loop', seconds: 1 } },
      { target: name, details: { kind: 'cpu' } },
    ]);
  });

  test('tells of emergencies: who declared one, and which process went into it', async () => {
    await scene.call('POST', '/api/v1/admin/emergency', { json: { active: true, reason: 'a drill' }, headers });
    await scene.call('DELETE', '/api/v1/admin/emergency', { headers });
    await scene.hardening.emergency.settled();
    expect(await records('action=emergency.declared')).toMatchObject([{ ...common, details: { reason: 'a drill' } }]);
    expect(await records('action=emergency.ended')).toMatchObject([common]);
    const process = { actor: 'admin', target: scene.engine.name, details: { triggers: ['manual'] } };
    expect(await records('action=emergency.entered')).toMatchObject([process]);
    expect(await records('action=emergency.left')).toMatchObject([process]);
  });

  test('is read with its own scope, in pages, and by time', async () => {
    const { key } = await scene.key(['runs:read']);
    expect((await scene.call('GET', '/api/v1/audit', { key })).status).toBe(403);
    const first = await scene.call('GET', '/api/v1/audit?limit=1');
    const second = await scene.call('GET', `/api/v1/audit?limit=1&cursor=${String(first.json.cursor)}`);
    expect(second.json.items[0]?.id).not.toBe(first.json.items[0]?.id);
    expect(await records('after=2999-01-01T00:00:00.000Z')).toEqual([]);
    expect(await records('before=2001-01-01T00:00:00.000Z')).toEqual([]);
    expect((await scene.call('GET', '/api/v1/audit?action=nonsense')).json.code).toBe('VALIDATION_FAILED');
  });

  test('has seen every action that a request can lead to', async () => {
    const seen = new Set((await records('limit=500')).map(({ action }) => action));
    expect(AUDIT_ACTIONS.filter((action) => !seen.has(action))).toEqual(['retention.changed', 'audit.purged']);
  });
});
