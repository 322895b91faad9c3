import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import { uuidv7 } from '@mainstay/types';
import { routes } from './routes.ts';
import { SCOPES } from './scopes.ts';
import { ADMIN_KEY, eventually, type HttpScene, openScene } from './testing/http-scene.ts';

const SECRET = 'a secret for signing tokens in tests';
let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene({
    auth: { bootstrapKey: ADMIN_KEY, jwt: { issuer: 'issuer', audience: 'mainstay', keys: [{ kid: 'k1', alg: 'HS256', key: SECRET }] } },
  });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

const guarded = routes.filter(({ access }) => access !== 'public');
const pathOf = (template: string) => template.replace('{id}', uuidv7()).replace('{name}', 'nothing');

describe('authentication', () => {
  test.each(guarded.map(({ method, path }) => [method.toUpperCase(), path]))('%s %s needs credentials', async (method, path) => {
    const answer = await scene.call(method, pathOf(path), { key: null });
    expect(answer.json).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.headers.get('www-authenticate')?.split(', ')[0]).toBe('Bearer realm="mainstay"');
  });

  test.each(['', 'x', `${ADMIN_KEY}x`, ADMIN_KEY.slice(0, -1), `mst_${'A'.repeat(43)}`, 'mst_short', 'a.b.c'])(
    'the key %j is refused',
    async (key) => {
      expect((await scene.call('GET', '/api/v1/runs', { key })).json).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    },
  );

  test.each([`Token ${ADMIN_KEY}`, ADMIN_KEY, 'Bearer', `Bearer ${ADMIN_KEY} extra`])('the header %j is refused', async (authorization) => {
    const answer = await scene.call('GET', '/api/v1/runs', { key: null, headers: { authorization } });
    expect(answer.json).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('a new key works, is shown once, and no longer works when it is revoked', async () => {
    const { id, key } = await scene.key(['runs:read']);
    expect((await scene.call('GET', '/api/v1/runs', { key })).status).toBe(200);
    const listed = await scene.call('GET', '/api/v1/api-keys');
    expect(listed.text).not.toContain(key);
    expect(listed.json.items).toContainEqual(expect.objectContaining({ id, prefix: key.slice(0, 10), scopes: ['runs:read'] }));
    expect((await scene.call('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(204);
    expect((await scene.call('GET', '/api/v1/runs', { key })).status).toBe(401);
  });

  test('a revocation elsewhere is seen within seconds', async () => {
    const { id, key } = await scene.key(['runs:read']);
    expect((await scene.call('GET', '/api/v1/runs', { key })).status).toBe(200);
    await scene.store.revokeApiKey('default', id, []);
    await eventually(async () => {
      expect((await scene.call('GET', '/api/v1/runs', { key })).status).toBe(401);
    }, 5_000);
  });

  test('a key ends when it expires', async () => {
    const { key } = await scene.key(['runs:read'], { expiresAt: new Date(Date.now() + 300).toISOString() });
    await eventually(async () => {
      expect((await scene.call('GET', '/api/v1/runs', { key })).status).toBe(401);
    }, 5_000);
  });

  test('keys that are no use are not created', async () => {
    const bad = [
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['root'] },
      { name: '', scopes: ['admin'] },
      { name: 'x', scopes: ['admin'], expiresAt: '2001-01-01T00:00:00.000Z' },
      { name: 'x', scopes: ['admin'], expiresAt: 'tomorrow' },
      { name: 'x', scopes: ['admin'], tenant: 'Not A Tenant' },
    ];
    for (const json of bad)
      expect((await scene.call('POST', '/api/v1/api-keys', { json })).json).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('an unknown key cannot be revoked', async () => {
    expect((await scene.call('DELETE', `/api/v1/api-keys/${uuidv7()}`)).json).toMatchObject({ status: 404, code: 'API_KEY_NOT_FOUND' });
  });

  test('browsers may send the key as a password, but only to read the contract', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`anyone:${ADMIN_KEY}`).toString('base64')}` };
    expect((await scene.call('GET', '/docs', { key: null, headers })).status).toBe(200);
    expect((await scene.call('GET', '/openapi.json', { key: null, headers })).status).toBe(200);
    expect((await scene.call('GET', '/api/v1/runs', { key: null, headers })).status).toBe(401);
    const challenge = async (path: string) => (await scene.call('GET', path, { key: null })).headers.get('www-authenticate');
    expect(await challenge('/docs')).toBe('Bearer realm="mainstay", Basic realm="mainstay", charset="UTF-8"');
    expect(await challenge('/api/v1/runs')).toBe('Bearer realm="mainstay"');
  });
});

describe('tokens', () => {
  const sign = (claims: object, options: jsonwebtoken.SignOptions = {}) =>
    jsonwebtoken.sign({ tenant: 'default', scopes: ['runs:read'], ...claims }, SECRET, {
      algorithm: 'HS256',
      keyid: 'k1',
      issuer: 'issuer',
      audience: 'mainstay',
      subject: 'ann',
      expiresIn: 60,
      ...options,
    });

  test('a valid token is accepted with its scopes', async () => {
    expect((await scene.call('GET', '/api/v1/runs', { key: sign({}) })).status).toBe(200);
    expect((await scene.call('GET', '/api/v1/api-keys', { key: sign({}) })).json).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an expired token is refused', async () => {
    expect((await scene.call('GET', '/api/v1/runs', { key: sign({}, { expiresIn: -120 }) })).json.code).toBe('UNAUTHENTICATED');
  });

  test('no token is accepted where none are configured', async () => {
    await using plain = await openScene();
    expect((await plain.call('GET', '/api/v1/runs', { key: sign({}) })).json.code).toBe('UNAUTHENTICATED');
  });
});

describe('scopes', () => {
  test.each(SCOPES)('a key with %s gets exactly what needs it', async (scope) => {
    const { key } = await scene.key([scope]);
    for (const { method, path, access } of guarded) {
      if (scope === 'admin' && path.endsWith('log-level')) continue;
      const answer = await scene.call(method.toUpperCase(), pathOf(path), { key });
      const allowed = access === 'authenticated' || scope === 'admin' || scope === access;
      expect({ method, path, forbidden: answer.status === 403 }).toEqual({ method, path, forbidden: !allowed });
      expect(answer.status).not.toBe(401);
      if (!allowed) expect(answer.json).toMatchObject({ code: 'FORBIDDEN', details: { scope: access } });
    }
  });
});

describe('tenants', () => {
  let foreign: string;
  beforeAll(async () => {
    foreign = (await scene.key(['admin'], { tenant: 'acme' })).key;
  });

  test("another tenant's run, events and actions do not exist", async () => {
    await scene.pipeline('mine', 'endless');
    const id = await scene.run('mine');
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['POST', '/retry'],
    ] as const) {
      const theirs = await scene.call(method, `/api/v1/runs/${id}${suffix}`, { key: foreign });
      const unknown = await scene.call(method, `/api/v1/runs/${uuidv7()}${suffix}`, { key: foreign });
      expect(theirs.json).toMatchObject({ status: 404, code: 'RUN_NOT_FOUND' });
      const common = { detail: '', instance: '', correlationId: '', traceId: '', details: {} };
      expect({ ...theirs.json, ...common }).toEqual({ ...unknown.json, ...common });
    }
    expect((await scene.call('GET', '/api/v1/runs', { key: foreign })).json).toEqual({ items: [] });
    expect((await scene.call('GET', `/api/v1/runs/${id}`)).json.status).toBe('running');
    await scene.call('POST', `/api/v1/runs/${id}/cancel`);
  });

  test("another tenant's pipeline does not exist, and the same name is free", async () => {
    await scene.pipeline('shared-name', 'noop');
    expect((await scene.call('GET', '/api/v1/pipelines/shared-name', { key: foreign })).json.code).toBe('PIPELINE_NOT_FOUND');
    expect((await scene.call('POST', '/api/v1/runs', { key: foreign, json: { pipeline: 'shared-name' } })).json.code).toBe(
      'PIPELINE_NOT_FOUND',
    );
    const put = await scene.call('PUT', '/api/v1/pipelines/shared-name', {
      key: foreign,
      json: { name: 'shared-name', stages: [{ id: 'a', agent: 'noop' }] },
    });
    expect(put).toMatchObject({ status: 201, json: { version: 1 } });
  });

  test("another tenant's decision and dead letter do not exist", async () => {
    await scene.pipeline('asks', 'asker');
    await scene.pipeline('dies', 'picky');
    const [asking, dying] = [await scene.run('asks'), await scene.run('dies', { ok: false })];
    const run = await scene.until(asking, 'waiting');
    await scene.until(dying, 'failed');
    const letters = await scene.call('GET', '/api/v1/dead-letters');
    const letter = letters.json.items.find((item: { run: string }) => item.run === dying);
    const decision = run.decisions[0].id;
    expect((await scene.call('GET', `/api/v1/decisions/${decision}`, { key: foreign })).json.code).toBe('DECISION_NOT_FOUND');
    expect((await scene.call('POST', `/api/v1/decisions/${decision}`, { key: foreign, json: { answer: 'red' } })).json.code).toBe(
      'DECISION_NOT_FOUND',
    );
    expect((await scene.call('GET', '/api/v1/decisions', { key: foreign })).json).toEqual({ items: [] });
    expect((await scene.call('GET', `/api/v1/dead-letters/${String(letter?.id)}`, { key: foreign })).json.code).toBe(
      'DEAD_LETTER_NOT_FOUND',
    );
    expect((await scene.call('POST', `/api/v1/dead-letters/${String(letter?.id)}/redrive`, { key: foreign })).json.code).toBe(
      'DEAD_LETTER_NOT_FOUND',
    );
    expect((await scene.call('GET', '/api/v1/dead-letters', { key: foreign })).json).toEqual({ items: [] });
  });

  test("another tenant's keys cannot be seen or revoked, and its admins reach no further than itself", async () => {
    const { id } = await scene.key(['runs:read']);
    expect((await scene.call('DELETE', `/api/v1/api-keys/${id}`, { key: foreign })).json.code).toBe('API_KEY_NOT_FOUND');
    const listed = await scene.call('GET', '/api/v1/api-keys', { key: foreign });
    expect(listed.json.items.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['acme']);
    const escape = await scene.call('POST', '/api/v1/api-keys', {
      key: foreign,
      json: { name: 'x', scopes: ['admin'], tenant: 'default' },
    });
    expect(escape.json).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const level = await scene.call('PUT', '/api/v1/admin/log-level', { key: foreign, json: { level: 'trace' } });
    expect(level.json).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  test('idempotency keys of tenants are their own', async () => {
    await scene.pipeline('own-keys', 'noop');
    await scene.call('PUT', '/api/v1/pipelines/own-keys', {
      key: foreign,
      json: { name: 'own-keys', stages: [{ id: 'a', agent: 'noop' }] },
    });
    const options = { json: { pipeline: 'own-keys' }, headers: { 'idempotency-key': 'same' } };
    const [mine, theirs] = [
      await scene.call('POST', '/api/v1/runs', options),
      await scene.call('POST', '/api/v1/runs', { ...options, key: foreign }),
    ];
    expect(theirs.status).toBe(202);
    expect(theirs.json.id).not.toBe(mine.json.id);
  });
});
