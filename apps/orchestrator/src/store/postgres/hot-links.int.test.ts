import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import type pg from 'pg';
import { HotLinks } from './hot-links.ts';
import { createPool } from './pool.ts';
import type { Statement } from './sql/statement.ts';

const ECHO: Statement = { name: 'echo', text: 'select $1::text, $2::int, $3::bool, $4::text, pg_backend_pid()' };
const DIVIDE: Statement = { name: 'divide', text: 'select 1 / $1::int' };
const ROWS: Statement = { name: 'rows', text: 'select generate_series(1, $1::int)' };
const NONE: Statement = { name: 'none', text: 'select 1 where $1::bool' };
const SLEEP: Statement = { name: 'sleep', text: 'select pg_sleep($1::float8)' };

let database: TestDatabase;
let pool: pg.Pool;
let links: HotLinks;

const poolOf = (poolSize: number, statementTimeoutMs = 5_000): pg.Pool =>
  createPool({ url: database.url, poolSize, statementTimeoutMs, connectTimeoutMs: 5_000, onIdleError: () => undefined });

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  pool = poolOf(3);
  links = new HotLinks(pool);
});
afterEach(async () => {
  links.close();
  await pool.end();
});

const echo = (text: string | null = 'x') => links.query(ECHO, [text, 7, true, null]);
const pidOf = async (): Promise<string | null | undefined> => (await echo())[0]?.[4];

describe('statements that are run all the time', () => {
  test('give rows as text', async () => {
    expect((await echo('ä"\\,{}'))[0]?.slice(0, 4)).toEqual(['ä"\\,{}', '7', 't', null]);
    expect(await links.query(ROWS, [3])).toEqual([['1'], ['2'], ['3']]);
    expect(await links.query(NONE, [false])).toEqual([]);
  });

  test('take values in the binary format', async () => {
    const text = Buffer.from('binary');
    expect((await links.query(ECHO, [text, 1, false, 'y']))[0]?.slice(0, 4)).toEqual(['binary', '1', 'f', 'y']);
  });

  test('keep their connection for the next one', async () => {
    const first = await pidOf();
    expect(await pidOf()).toBe(first);
    expect(pool.totalCount).toBe(1);
    expect(pool.idleCount).toBe(0);
  });

  test('leave connections to others that wait for one', async () => {
    await Promise.all([links.query(SLEEP, [0.05]), links.query(SLEEP, [0.05]), links.query(SLEEP, [0.05])]);
    expect(pool.idleCount).toBe(1);
    const busy = Promise.all([links.query(SLEEP, [0.1]), links.query(SLEEP, [0.1])]);
    const held = await pool.connect();
    const waits = pool.connect();
    expect(pool.waitingCount).toBe(1);
    await busy;
    (await waits).release();
    held.release();
  });

  test('tell the error of the server and go on', async () => {
    await expect(links.query(DIVIDE, [0])).rejects.toMatchObject({ code: '22012' });
    await expect(links.query({ name: 'wrong', text: 'select nothing from nowhere' }, [])).rejects.toMatchObject({ code: '42P01' });
    expect(await links.query(DIVIDE, [1])).toEqual([['1']]);
  });

  test('go on when the connection at hand was ended', async () => {
    const pid = await pidOf();
    const other = await pool.connect();
    const ended = new Promise((resolve) => pool.once('remove', resolve));
    await other.query('select pg_terminate_backend($1)', [pid]);
    other.release();
    await ended;
    expect(await pidOf()).not.toBe(pid);
  });

  test('reject when their connection is ended under way', async () => {
    const pid = await pidOf();
    const sleeps = expect(links.query(SLEEP, [4])).rejects.toMatchObject({ code: '57P01' });
    await pool.query('select pg_terminate_backend($1)', [pid]);
    await sleeps;
    expect(await pidOf()).not.toBe(pid);
  });

  test('are over at the time limit of the link', async () => {
    const hasty = poolOf(2, 100);
    const some = new HotLinks(hasty);
    await expect(some.query(SLEEP, [3])).rejects.toMatchObject({ code: '57014' });
    some.close();
    await hasty.end();
  });

  test('keep nothing once closed', async () => {
    await echo();
    links.close();
    expect(pool.idleCount).toBe(1);
    await echo();
    expect(pool.idleCount).toBe(1);
  });
});
