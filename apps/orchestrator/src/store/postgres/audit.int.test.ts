import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import pg from 'pg';
import { newAuditEntry } from '../audit-entry.ts';
import { createPostgresStore, type PostgresStore } from './postgres-store.ts';

const entry = (details = {}) =>
  newAuditEntry({ tenant: 'tenant-1', actor: 'admin', action: 'runs.removed', target: 'x', correlationId: 'c', details });

describe('audit records in Postgres', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: PostgresStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = createPostgresStore({ url: database.url });
    await store.start();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await store.record([entry(), entry()]);
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await client.end();
    await database.drop();
  });

  const count = async () => (await client.query<{ n: number }>('select count(*)::int as n from audit_records')).rows[0]?.n;

  test.each([
    "update audit_records set actor = 'nobody'",
    'delete from audit_records',
    'truncate audit_records',
    'set session_replication_role = replica; delete from audit_records',
    "begin; set local mainstay.audit_cut_off = '2001-01-01'; delete from audit_records",
    "insert into audit_records (id, tenant, actor, action, target, correlation_id) select id, tenant, 'nobody', action, target, '' from audit_records on conflict (id) do update set actor = excluded.actor",
  ])('%s is refused', async (text) => {
    await expect(client.query(text)).rejects.toMatchObject({ code: '42501', message: expect.stringContaining('never changed or removed') });
    await client.query('rollback; set session_replication_role = origin');
    expect((await client.query('select distinct actor from audit_records')).rows).toEqual([{ actor: 'admin' }]);
    expect(await count()).toBe(2);
  });

  test('what retention says in its transaction does not outlive it', async () => {
    expect(await store.purgeAudit(1_000, 10)).toBe(0);
    await client.query("begin; select set_config('mainstay.audit_cut_off', 'infinity', true); commit");
    await expect(client.query('delete from audit_records')).rejects.toMatchObject({ code: '42501' });
    expect(await count()).toBe(2);
  });

  test('details that the entry bounds are never too long for the table, whatever they are made of', async () => {
    const texts = ['\0', '\ud800', '"', '\uf8ff', 'é', '{', '\\'].map((piece) => piece.repeat(9_000));
    for (const reason of texts)
      await store.record([entry({ reason, list: Array.from({ length: 2_000 }, (_, n) => n) }), entry({ list: Array(3_000).fill(1) })]);
    const target = '\0'.repeat(900);
    await store.record([{ ...newAuditEntry({ ...entry(), target, actor: target, correlationId: target }) }]);
  });

  test('the table refuses what is beyond its bounds, and with it what it tells of', async () => {
    const long = { ...entry(), details: { text: 'x'.repeat(20_000) } };
    await expect(store.record([long])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const key = { id: long.id, tenant: 'tenant-1', name: 'x', scopes: [], prefix: 'p', hash: 'h', createdAt: 1 };
    await expect(store.addApiKey(key, [long])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await store.apiKeyByHash('h')).toBeUndefined();
  });
});
