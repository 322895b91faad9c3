import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import pg from 'pg';
import { migrate, type Migration, migrationOf, readMigrations } from './migrate.ts';

describe('migrate', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const run = async (migrations?: readonly Migration[], onApplied?: (name: string) => void): Promise<void> => {
    await migrate({ url: database.url, connectTimeoutMs: 5_000, ...(migrations && { migrations }), ...(onApplied && { onApplied }) });
  };
  const applied = async (): Promise<readonly string[]> => {
    const { rows } = await client.query<{ name: string }>('select migration_name as name from _prisma_migrations order by started_at');
    return rows.map(({ name }) => name);
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const one = migrationOf('1_one', 'create table one (id int); create table two (id int)');
  const two = migrationOf('2_two', 'alter table one add column name text');

  test('applies what is pending, once', async () => {
    const names: string[] = [];
    await run([one], (name) => names.push(name));
    await run([one, two], (name) => names.push(name));
    await run([one, two], (name) => names.push(name));
    expect(names).toEqual(['1_one', '2_two']);
    expect(await applied()).toEqual(names);
    await client.query('select name from one');
  });

  test('keeps the books as `prisma migrate` does', async () => {
    await run();
    const migrations = await readMigrations();
    const { rows } = await client.query('select * from _prisma_migrations order by started_at, migration_name');
    expect(rows).toEqual(
      migrations.map(({ name, checksum }) => ({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...{ checksum, migration_name: name, applied_steps_count: 1, logs: null, rolled_back_at: null },
        ...{ started_at: expect.any(Date), finished_at: expect.any(Date) },
      })),
    );
    for (const { checksum } of migrations) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is safe when many start at once', async () => {
    const names: string[] = [];
    await Promise.all(Array.from({ length: 6 }, () => run([one, two], (name) => names.push(name))));
    expect(names).toEqual(['1_one', '2_two']);
  });

  test('refuses a database that has a migration unknown to this program', async () => {
    await run([one, two]);
    await expect(run([one])).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW', details: { migrations: ['2_two'] } });
  });

  test('refuses an applied migration that was changed, and names it', async () => {
    await run([one]);
    const changed = migrationOf('1_one', `${one.sql};`);
    await expect(run([changed])).rejects.toMatchObject({ code: 'SCHEMA_DIVERGED', details: { migration: '1_one' } });
  });

  test('refuses a database in which a migration was left half done', async () => {
    await run([one]);
    await client.query('update _prisma_migrations set finished_at = null');
    await expect(run([one])).rejects.toMatchObject({ code: 'SCHEMA_DIVERGED' });
    await client.query('update _prisma_migrations set rolled_back_at = now()');
    await client.query('drop table one, two');
    await run([one]);
    await client.query('select id from one');
  });

  test('leaves nothing behind of a migration that fails', async () => {
    const broken = migrationOf('2_broken', 'create table three (id int); select 1 / 0');
    await expect(run([one, broken])).rejects.toMatchObject({ message: expect.stringContaining('division by zero') });
    expect(await applied()).toEqual(['1_one']);
    const { rows } = await client.query(`select to_regclass('three') as three`);
    expect(rows).toEqual([{ three: null }]);
    await run([one, two]);
  });

  test('says that the database is unavailable when nobody listens', async () => {
    const url = 'postgresql://nobody:secret@127.0.0.1:1/none';
    await expect(migrate({ url, connectTimeoutMs: 1_000 })).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
  });
});
