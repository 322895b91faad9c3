import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import { uuidv7 } from '@mainstay/types';
import pg from 'pg';
import { type ColumnType, columnOf } from './sql/binary-array.ts';
import type { Cell } from './sql/statement.ts';

const COLUMNS: readonly (readonly [ColumnType, readonly Cell[]])[] = [
  ['uuid', [uuidv7(), null, '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', uuidv7().toUpperCase()]],
  ['int4', [0, -1, 2_147_483_647, -2_147_483_648, null]],
  ['int8', [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null]],
  ['float8', [0, -1.5, 1e300, 253_402_300_799_999, null]],
  ['bool', [true, false, null]],
  ['text', ['', 'a', '"\\,{}', 'NULL', 'é😀\u2028', null, 'x'.repeat(3_000_000)]],
  ['text', [null, null]],
  ['text', []],
  ['uuid', []],
];

describe('a column as a binary array', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  test.each(COLUMNS)('is what Postgres takes it for: %s', async (type, cells) => {
    const array = columnOf(
      type,
      cells.map((cell) => ({ cell })),
      'cell',
    );
    const { rows } = await client.query<{ cell: string | null }>(`select cell::text from unnest($1::${type}[]) as t (cell)`, [array]);
    const texts = rows.map(({ cell }) => cell);
    expect(texts.map((text) => valueOf(type, text))).toEqual(cells.map((cell) => (type === 'uuid' ? lower(cell) : cell)));
  });

  test.each([
    ['int4', 2_147_483_648],
    ['int4', 1.5],
    ['int8', Number.NaN],
    ['int4', Infinity],
  ] as const)('refuses a number that its type does not hold: %s %s', (type, cell) => {
    expect(() => columnOf(type, [{ cell }], 'cell')).toThrow(RangeError);
  });
});

function valueOf(type: ColumnType, text: string | null): Cell {
  if (text === null || type === 'text' || type === 'uuid') return text;
  return type === 'bool' ? text === 'true' : Number(text);
}

function lower(cell: Cell): Cell {
  return typeof cell === 'string' ? cell.toLowerCase() : cell;
}
