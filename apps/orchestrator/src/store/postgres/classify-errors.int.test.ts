import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import { classifyError, uuidv7 } from '@mainstay/types';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;
let pool: pg.Pool;
let prisma: PrismaClient;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url, connectTimeoutMs: 5_000, onApplied: () => undefined });
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  pool.on('error', () => undefined);
  prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await database.drop();
});

/** What is known of what the work throws. */
async function known(work: () => Promise<unknown>) {
  return work().then(
    () => 'nothing was thrown',
    (error: unknown) => classifyError(error),
  );
}

describe('classifyError, of a real Postgres', () => {
  test.each([
    ['select 1/0', { code: 'VALIDATION_FAILED', disposition: 'terminal', details: { reason: '22012' } }],
    ["select 'x'::int", { code: 'VALIDATION_FAILED', disposition: 'terminal', details: { reason: '22P02' } }],
    ['selekt 1', { code: 'INTERNAL', disposition: 'terminal', details: { reason: '42601' } }],
    [
      'set statement_timeout = 20; select pg_sleep(10)',
      { code: 'OPERATION_TIMEOUT', disposition: 'retryable', details: { reason: '57014' } },
    ],
    [
      'select pg_cancel_backend(pg_backend_pid()), pg_sleep(1)',
      { code: 'CANCELLED', disposition: 'cancelled', details: { reason: '57014' } },
    ],
    [
      'select pg_terminate_backend(pg_backend_pid())',
      { code: 'POSTGRES_UNAVAILABLE', disposition: 'retryable', details: { reason: '57P01' } },
    ],
  ])('%s', async (sql, expected) => {
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    expect(await known(() => client.query(sql))).toEqual(expected);
    await client.end().catch(() => undefined);
  });

  test('a duplicate, a deadlock that one of two loses', async () => {
    await pool.query('create table probe (id int primary key, n int); insert into probe values (1, 0), (2, 0)');
    expect(await known(() => pool.query('insert into probe values (1, 0)'))).toMatchObject({ code: 'CONFLICT', disposition: 'terminal' });
    const [a, b] = [await pool.connect(), await pool.connect()];
    await a.query('begin; update probe set n = 1 where id = 1');
    await b.query('begin; update probe set n = 1 where id = 2');
    const outcomes = await Promise.all([
      known(() => a.query('update probe set n = 2 where id = 2; commit')),
      known(() => b.query('update probe set n = 2 where id = 1; commit')),
    ]);
    expect(outcomes).toContainEqual({ code: 'CONFLICT', disposition: 'retryable', details: { reason: '40P01' } });
    a.release(true);
    b.release(true);
  });
});

describe('classifyError, of a real Prisma', () => {
  const key = (hash: string) => ({ id: uuidv7(), tenant: 't', name: 'n', scopes: [], prefix: 'p', hash, createdAt: new Date(0) });

  test('a duplicate, and what is not there', async () => {
    await prisma.apiKey.create({ data: key('same') });
    expect(await known(() => prisma.apiKey.create({ data: key('same') }))).toMatchObject({ code: 'CONFLICT', disposition: 'terminal' });
    expect(await known(() => prisma.apiKey.findUniqueOrThrow({ where: { hash: 'none' } }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a raw query, by what the database said', async () => {
    expect(await known(() => prisma.$queryRawUnsafe('select 1/0'))).toMatchObject({ code: 'VALIDATION_FAILED', disposition: 'terminal' });
    expect(await known(() => prisma.$queryRawUnsafe('selekt'))).toMatchObject({ code: 'INTERNAL', disposition: 'terminal' });
  });

  test('a server that is not there', async () => {
    const away = new PrismaClient({ adapter: new PrismaPg({ connectionString: 'postgres://a:b@127.0.0.1:1/c' }), errorFormat: 'minimal' });
    expect(await known(() => away.apiKey.count())).toMatchObject({ disposition: 'retryable' });
    await away.$disconnect();
  });
});
