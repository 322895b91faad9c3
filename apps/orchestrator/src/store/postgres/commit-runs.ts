import { type MainstayError, ValidationError } from '@mainstay/types';
import type { Change } from '../../pipeline/model.ts';
import type { DispatchMark } from '../store.ts';
import type { Database } from './database.ts';
import { type EncodedChange, encodeChange } from './encode.ts';
import { toStoreError } from './errors.ts';
import { commit, commitFully } from './sql/commit.ts';
import { changedRuns } from './sql/row-sets.ts';
import { inPieces, statementFor } from './write-batch.ts';

const FORMS = { usual: commit, full: commitFully, own: changedRuns };

/** Told of a change that Postgres refuses for its data, so that it was left out of its batch. */
export type OnRefused = (run: string, error: MainstayError) => void;

/**
 * Writes changes in one statement (in several beyond 1,000 changes or 16 MiB). A change whose data is refused does not sink
 * the others: the batch is halved until it stands alone, and it is missing from the result like one that was overtaken. Where
 * it was alone from the start, the promise rejects with VALIDATION_FAILED.
 */
export async function commitRuns(
  database: Database,
  changes: readonly Change[],
  mark: DispatchMark,
  onRefused: OnRefused,
): Promise<ReadonlySet<string>> {
  const alone = changes.length === 1;
  const encoded = changes.flatMap((change) => tryEncode(change, alone, onRefused));
  encoded.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const written = new Set<string>();
  for (const piece of inPieces(encoded)) {
    for (const id of await writePiece(database, piece, mark, alone, onRefused)) written.add(id);
  }
  return written;
}

function tryEncode(change: Change, alone: boolean, onRefused: OnRefused): readonly EncodedChange[] {
  try {
    return [encodeChange(change)];
  } catch (error) {
    const refused = toStoreError(error, commit.name);
    if (alone) throw refused;
    onRefused(change.state.id, refused);
    return [];
  }
}

async function writePiece(
  database: Database,
  piece: readonly EncodedChange[],
  mark: DispatchMark,
  alone: boolean,
  onRefused: OnRefused,
): Promise<readonly string[]> {
  try {
    const [statement, parameters] = statementFor(FORMS, piece, mark);
    const rows = await database.query<{ id: string }>(statement, parameters);
    return rows.map(({ id }) => id);
  } catch (error) {
    if (alone || !(error instanceof ValidationError)) throw error;
    const [first, ...others] = piece;
    if (first !== undefined && others.length === 0) {
      onRefused(first.id, error);
      return [];
    }
    const middle = Math.ceil(piece.length / 2);
    const left = await writePiece(database, piece.slice(0, middle), mark, false, onRefused);
    return [...left, ...(await writePiece(database, piece.slice(middle), mark, false, onRefused))];
  }
}
