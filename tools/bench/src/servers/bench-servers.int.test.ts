import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client } from 'pg';
import { type BenchServers, checkPostgres, checkRedis, startBenchServers } from './bench-servers.ts';

jest.setTimeout(120_000);

let servers: BenchServers;
beforeAll(async () => {
  servers = await startBenchServers(() => undefined);
});
afterAll(() => servers.close());

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers of the benchmark', () => {
  test('write every commit to disk, with default settings otherwise', async () => {
    await expect(checkPostgres(servers.postgres.url)).resolves.toBe(servers.versions.postgres);
    await expect(checkRedis(servers.redis.always.url, 'always')).resolves.toBe(servers.versions.redis);
    await expect(checkRedis(servers.redis.always.url, 'everysec')).rejects.toThrow('appendfsync = "always"; it must be "everysec"');
  });

  test('give an empty database each time', async () => {
    const url = await servers.freshDatabase('bench_sample');
    await query(url, 'create table leftovers ()');
    expect(await query(await servers.freshDatabase('bench_sample'), `select to_regclass('leftovers') as found`)).toEqual([{ found: null }]);
    await servers.dropDatabase('bench_sample');
  });

  test.each([
    ['synchronous_commit', 'off', 'synchronous_commit = off; it must be on'],
    ['commit_delay', '500', 'commit_delay = 500; it must have its default'],
  ])('are refused with another %s', async (name, value, problem) => {
    await query(servers.postgres.url, `alter role current_user set ${name} = '${value}'`);
    await expect(checkPostgres(servers.postgres.url)).rejects.toThrow(problem);
    await query(servers.postgres.url, `alter role current_user reset ${name}`);
  });
});
