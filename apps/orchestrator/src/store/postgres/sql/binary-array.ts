import { charCodeAt } from '@mainstay/types';
import type { Cell } from './statement.ts';

/** Types of columns that travel as arrays. */
export type ColumnType = 'uuid' | 'int4' | 'int8' | 'float8' | 'bool' | 'text';

const OIDS: Readonly<Record<ColumnType, number>> = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701, uuid: 2950 };

/** Dimensions, flag for nulls, type of the elements, length and lower bound of the one dimension: four bytes each. */
const HEAD_BYTES = 20;
/** Room that is kept between calls; a larger column has one of its own for once. */
const KEPT_BYTES = 1024 * 1024;
const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);

/**
 * One column of rows as a Postgres array in the binary format: no quoting here, no parsing there. Throws RangeError for a number
 * that its type does not hold.
 */
export function columnOf<C extends string>(type: ColumnType, rows: readonly Readonly<Record<C, Cell>>[], name: C): Buffer {
  if (rows.length === 0) return EMPTY[type];
  const bytes = boundOf(type, rows, name);
  const array = bytes <= KEPT_BYTES ? kept : Buffer.allocUnsafe(bytes);
  let end = HEAD_BYTES;
  let nulls = 0;
  for (const row of rows) {
    const cell: Cell = row[name];
    if (cell === null) {
      end = array.writeInt32BE(-1, end);
      nulls = 1;
    } else end = WRITERS[type](array, cell, end);
  }
  array.writeInt32BE(1, 0);
  array.writeInt32BE(nulls, 4);
  array.writeInt32BE(OIDS[type], 8);
  array.writeInt32BE(rows.length, 12);
  array.writeInt32BE(1, 16);
  return array === kept ? Buffer.from(kept.subarray(0, end)) : array.subarray(0, end);
}

/** Bytes that the column takes at most. */
function boundOf<C extends string>(type: ColumnType, rows: readonly Readonly<Record<C, Cell>>[], name: C): number {
  let bytes = HEAD_BYTES + 20 * rows.length;
  if (type !== 'text') return bytes;
  for (const row of rows) {
    const cell: Cell = row[name];
    if (typeof cell === 'string') bytes += 3 * cell.length;
  }
  return bytes;
}

/** Writes length and value of an element; returns where it ends. */
type WriteElement = (array: Buffer, cell: string | number | boolean, at: number) => number;

const WRITERS: Readonly<Record<ColumnType, WriteElement>> = {
  text: (array, cell, at) => {
    const bytes = array.write(String(cell), at + 4);
    array.writeInt32BE(bytes, at);
    return at + 4 + bytes;
  },
  uuid: (array, cell, at) => writeUuid(array, String(cell), array.writeInt32BE(16, at)),
  int4: (array, cell, at) => array.writeInt32BE(whole(cell, 2_147_483_648), array.writeInt32BE(4, at)),
  int8: (array, cell, at) => array.writeBigInt64BE(BigInt(whole(cell, 2 ** 53)), array.writeInt32BE(8, at)),
  float8: (array, cell, at) => array.writeDoubleBE(Number(cell), array.writeInt32BE(8, at)),
  bool: (array, cell, at) => array.writeUInt8(cell === true ? 1 : 0, array.writeInt32BE(1, at)),
};

/** `end`: the first number that is too large; its negative is the smallest. */
function whole(cell: string | number | boolean, end: number): number {
  const value = Number(cell);
  if (Number.isSafeInteger(value) && value >= -end && value < end) return value;
  throw new RangeError(`${String(cell)} is not a whole number of the column's size`);
}

/** Value of each hexadecimal digit by its character code. */
const HEX = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())));

function writeUuid(array: Buffer, text: string, at: number): number {
  let end = at;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) index++;
    array[end++] = ((HEX[charCodeAt(text, index)] ?? 0) << 4) | (HEX[charCodeAt(text, index + 1)] ?? 0);
  }
  return end;
}

function emptyArray(type: ColumnType): Buffer {
  const array = Buffer.alloc(12);
  array.writeInt32BE(OIDS[type], 8);
  return array;
}

const EMPTY: Readonly<Record<ColumnType, Buffer>> = {
  ...{ bool: emptyArray('bool'), int4: emptyArray('int4'), int8: emptyArray('int8') },
  ...{ float8: emptyArray('float8'), text: emptyArray('text'), uuid: emptyArray('uuid') },
};
