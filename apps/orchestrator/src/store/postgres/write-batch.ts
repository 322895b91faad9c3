import type { Parameter } from './database.ts';
import type { RareRows } from './encode-rare.ts';
import type { EncodedChange } from './encode.ts';
import * as sets from './sql/row-sets.ts';
import type { RowSet } from './sql/row-set.ts';

/** Changes per statement. */
const MAX_CHANGES = 1_000;
/** JSON per statement: far below the gigabyte that Postgres takes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The rows of the runs themselves. */
export function ownParameters(set: RowSet<string>, changes: readonly EncodedChange[]): readonly Parameter[] {
  return set.parameters(changes.map(({ own }) => own as Readonly<Record<string, never>>));
}

/** The row of one run itself. */
export function oneParameters(set: RowSet<string>, { own }: EncodedChange): readonly Parameter[] {
  return set.cells(own);
}

/** What `rareParts` takes. */
export function rareParameters(changes: readonly EncodedChange[]): readonly Parameter[] {
  const rare = changes.flatMap((change) => change.rare ?? []);
  return [
    ...sets.openedDecisions.parameters(rowsOf(rare, (rows) => rows.openedDecisions)),
    ...sets.closedDecisions.parameters(rowsOf(rare, (rows) => rows.closedDecisions)),
    ...sets.deadLetters.parameters(rowsOf(rare, (rows) => rows.deadLetters)),
    ...sets.redriven.parameters(rowsOf(rare, (rows) => rows.redriven)),
    ...sets.redriveRecords.parameters(rowsOf(rare, (rows) => rows.redriveRecords)),
    ...sets.checkpoints.parameters(rowsOf(rare, (rows) => rows.checkpoints)),
    ...sets.removedCheckpoints.parameters(rowsOf(rare, (rows) => rows.removedCheckpoints)),
  ];
}

// Rows are built by the encoders with the columns that row-sets.ts names.
function rowsOf<C extends string>(
  from: readonly RareRows[],
  pick: (item: RareRows) => readonly object[],
): readonly Readonly<Record<C, never>>[] {
  return from.flatMap((item) => pick(item) as readonly Readonly<Record<C, never>>[]);
}

/** Pieces that one statement can carry, in the same order. */
export function inPieces(changes: readonly EncodedChange[]): readonly (readonly EncodedChange[])[] {
  const pieces: EncodedChange[][] = [];
  let piece: EncodedChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    if (piece.length > 0 && (piece.length >= MAX_CHANGES || bytes + change.bytes > MAX_BYTES)) {
      pieces.push(piece);
      piece = [];
      bytes = 0;
    }
    piece.push(change);
    bytes += change.bytes;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
