import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { errorCode } from './error-code.ts';

/** Creates a database unless it exists; gives its URL. */
export async function createDatabase(databaseUrl: string, name: string): Promise<string> {
  await withClient(databaseUrl, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`).catch(ignoreDuplicate);
  });
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Drops a database, ending its connections; nothing happens if there is none. */
export async function dropDatabase(databaseUrl: string, name: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`));
}

/** A database of one's own for one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** Creates an empty database with a random name; default server: that of the test run (`MAINSTAY_TEST_DATABASE_URL`). */
export async function createTestDatabase(databaseUrl = testUrl('MAINSTAY_TEST_DATABASE_URL')): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = await createDatabase(databaseUrl, name);
  return { url, name, drop: () => dropDatabase(databaseUrl, name) };
}

/** Runs `work` with an empty database of its own and drops it afterwards. */
export async function withTestDatabase<T>(work: (url: string) => Promise<T>, databaseUrl?: string): Promise<T> {
  const database = await createTestDatabase(databaseUrl);
  try {
    return await work(database.url);
  } finally {
    await database.drop();
  }
}

/** The address of a service of the test run. */
export function testUrl(variable: 'MAINSTAY_TEST_DATABASE_URL' | 'MAINSTAY_TEST_REDIS_URL'): string {
  const url = process.env[variable];
  if (url === undefined)
    throw new Error(`${variable} is not set: run the tests through jest with the project option { services: true }, or set it`);
  return url;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Somebody else created it between our look and our statement. */
function ignoreDuplicate(error: unknown): void {
  const code = errorCode(error);
  if (code !== '42P04' && code !== '23505') throw error;
}
