import { type MainstayError, ValidationError } from '@mainstay/types';
import type { Change } from '../../pipeline/model.ts';
import type { DispatchMark } from '../store.ts';
import type { Database, Parameter } from './database.ts';
import { type EncodedChange, encodeChange } from './encode.ts';
import { toStoreError } from './errors.ts';
import type { SentMarks } from './sent-marks.ts';
import { commit, commitOne, commitRare, commitSlots } from './sql/commit.ts';
import { changedRuns, slottedRuns } from './sql/row-sets.ts';
import type { Statement } from './sql/statement.ts';
import { inPieces, oneParameters, ownParameters, rareParameters } from './write-batch.ts';

/** Told of a change that Postgres refuses for its data, so that it was left out of its batch. */
export type OnRefused = (run: string, error: MainstayError) => void;

export interface CommitOptions {
  readonly database: Database;
  readonly marks: SentMarks;
  readonly onRefused: OnRefused;
}

/**
 * Writes changes in one statement (in several beyond 1,000 changes or 16 MiB, or where a run turns out to hold a slot of which its
 * change does not know). A change whose data is refused does not sink the others: the batch is halved until it stands alone, and it
 * is missing from the result like one that was overtaken. Where it was alone from the start, the promise rejects with VALIDATION_FAILED.
 */
export async function commitRuns(options: CommitOptions, changes: readonly Change[], mark: DispatchMark): Promise<ReadonlySet<string>> {
  const alone = changes.length === 1;
  const encoded = encodeAll(options, changes, mark);
  const written = new Set<string>();
  for (const piece of inPieces(encoded)) await writePiece(options, piece, alone, written);
  return written;
}

/** Sorted by id: see `commit`. */
function encodeAll({ marks, onRefused }: CommitOptions, changes: readonly Change[], mark: DispatchMark): readonly EncodedChange[] {
  const encoded: EncodedChange[] = [];
  for (const change of changes) {
    try {
      encoded.push(encodeChange(change, mark, marks));
    } catch (error) {
      const refused = toStoreError(error, commit.name);
      if (changes.length === 1) throw refused;
      onRefused(change.state.id, refused);
    }
  }
  return encoded.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

async function writePiece(options: CommitOptions, piece: readonly EncodedChange[], alone: boolean, written: Set<string>): Promise<void> {
  try {
    await write(options.database, piece, written);
  } catch (error) {
    if (alone || !(error instanceof ValidationError)) throw error;
    const [first, ...others] = piece.filter(({ id }) => !written.has(id));
    if (first === undefined) return;
    if (others.length === 0) {
      options.onRefused(first.id, error);
      return;
    }
    const middle = Math.ceil(piece.length / 2);
    await writePiece(options, piece.slice(0, middle), false, written);
    await writePiece(options, piece.slice(middle), false, written);
  }
}

/** In the leanest form that does it. A run that ends and was not written may hold a slot after all. */
async function write(database: Database, piece: readonly EncodedChange[], written: Set<string>): Promise<void> {
  if (piece.some(({ slot }) => slot === 'moves')) {
    await writeAs(database, commitSlots, piece, written);
    return;
  }
  const isUsual = piece.every(({ rare }) => rare === undefined);
  const [only] = piece;
  if (isUsual && piece.length === 1 && only?.own['events'] !== null && only !== undefined) await writeOne(database, only, written);
  else await writeAs(database, isUsual ? commit : commitRare, piece, written);
  const left = piece.filter(({ id, slot }) => slot === 'ends' && !written.has(id));
  if (left.length > 0) await writeAs(database, commitSlots, left, written);
}

async function writeOne(database: Database, change: EncodedChange, written: Set<string>): Promise<void> {
  const rows = await database.hotQuery(commitOne, oneParameters(changedRuns, change));
  if (rows.length === 1) written.add(change.id);
}

async function writeAs(database: Database, form: Statement, piece: readonly EncodedChange[], written: Set<string>): Promise<void> {
  const parameters: readonly Parameter[] = [
    piece.length,
    ...ownParameters(form === commitSlots ? slottedRuns : changedRuns, piece),
    ...(form === commit ? [] : rareParameters(piece)),
  ];
  const [[ids = null] = []] = await database.hotQuery(form, parameters);
  if (ids === null) for (const { id } of piece) written.add(id);
  else if (ids !== '') for (const id of ids.split(',')) written.add(id);
}
