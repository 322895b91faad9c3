import type { DispatchMark } from '../store.ts';
import type { Parameter } from './database.ts';
import type { EncodedChange, RareRows } from './encode.ts';
import * as sets from './sql/row-sets.ts';
import type { RowSet, Statement } from './sql/statement.ts';

/** Changes per statement. */
const MAX_CHANGES = 1_000;
/** JSON per statement: far below the gigabyte that Postgres takes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A statement in two forms, of which the one also writes what is rare. */
export interface Forms {
  readonly usual: Statement;
  readonly full: Statement;
  readonly own: RowSet<string>;
}

/** The form that the changes need, with its parameters. */
export function statementFor(
  forms: Forms,
  changes: readonly EncodedChange[],
  mark: DispatchMark,
): readonly [Statement, readonly Parameter[]] {
  const usual: readonly Parameter[] = [
    ...[mark.orchestrator, mark.batch, mark.epoch],
    ...sets.tasks.parameters(rowsOf(changes, ({ tasks }) => tasks)),
    ...sets.events.parameters(rowsOf(changes, ({ events }) => events)),
    ...forms.own.parameters(changes.map(({ own }) => own)),
  ];
  const rare = changes.flatMap((change) => change.rare ?? []);
  return rare.length === 0 ? [forms.usual, usual] : [forms.full, [...usual, ...rareParameters(rare)]];
}

function rareParameters(rare: readonly RareRows[]): readonly Parameter[] {
  return [
    ...sets.openedDecisions.parameters(rowsOf(rare, (rows) => rows.openedDecisions)),
    ...sets.closedDecisions.parameters(rowsOf(rare, (rows) => rows.closedDecisions)),
    ...sets.deadLetters.parameters(rowsOf(rare, (rows) => rows.deadLetters)),
    ...sets.redriven.parameters(rowsOf(rare, (rows) => rows.redriven)),
    ...sets.checkpoints.parameters(rowsOf(rare, (rows) => rows.checkpoints)),
    ...sets.removedCheckpoints.parameters(rowsOf(rare, (rows) => rows.removedCheckpoints)),
    ...sets.removedTasks.parameters(rowsOf(rare, (rows) => rows.removedTasks)),
  ];
}

// Rows are built by encode.ts with the columns that row-sets.ts names; a missing one would be a null that Postgres refuses.
function rowsOf<T, C extends string>(from: readonly T[], pick: (item: T) => readonly object[]): readonly Readonly<Record<C, never>>[] {
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
