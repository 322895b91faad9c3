import { describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, testUrl, withTestDatabase } from './databases.ts';
import { probeRedis } from './redis-probe.ts';

async function databaseNames(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  await client.end();
  return rows.map((row) => row.datname);
}

describe('databases for tests', () => {
  test('a test database exists while the work runs and is gone afterwards, even after a failure', async () => {
    const server = testUrl('MAINSTAY_TEST_DATABASE_URL');
    let name = '';
    const work = withTestDatabase(async (url) => {
      name = new URL(url).pathname.slice(1);
      expect(await databaseNames(url)).toContain(name);
      throw new Error('work failed');
    });
    await expect(work).rejects.toThrow('work failed');
    expect(name).toMatch(/^test_/);
    expect(await databaseNames(server)).not.toContain(name);
  });

  test('dropping a database ends the connections that are still open on it', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await database.drop();
    await expect(ended).resolves.toMatchObject({ code: '57P01' });
    await client.end();
  });

  test('the test Redis takes its own password and no other', async () => {
    const url = new URL(testUrl('MAINSTAY_TEST_REDIS_URL'));
    expect(await probeRedis(Number(url.port), url.password)).toBe(true);
    expect(await probeRedis(Number(url.port), 'wrong-password')).toBe(false);
  });
});
