import { ConflictError } from '@mainstay/types';
import type { RunStatus } from '../../pipeline/model.ts';
import { createdAs, needsSlot } from '../created-as.ts';
import type { Creation, DispatchMark, NewRun } from '../store.ts';
import { claimIdempotencyKeys, holdersOf } from './claim-keys.ts';
import type { Database, Runner } from './database.ts';
import { type EncodedChange, encodeNewRun } from './encode.ts';
import { isDuplicateKey, toStoreError } from './errors.ts';
import { byTextOf, pairKey } from './order.ts';
import { reserveSlotsFor } from './reserve-slots.ts';
import type { SentMarks } from './sent-marks.ts';
import { create, createFully, createOne } from './sql/create.ts';
import { runStatuses } from './sql/keys.ts';
import { newRuns } from './sql/row-sets.ts';
import { inPieces, oneParameters, ownParameters, rareParameters } from './write-batch.ts';

export interface CreateOptions {
  readonly database: Database;
  readonly marks: SentMarks;
}

/**
 * Creates runs, all or none. Without a limit among them: one statement, one round trip. A run whose id exists already (the
 * same call again, after an answer that was lost) is reported as repeated. Rejects with VALIDATION_FAILED, having written nothing,
 * when Postgres refuses the data of one of them; then create each alone.
 */
export async function createRuns(options: CreateOptions, runs: readonly NewRun[], mark: DispatchMark): Promise<readonly Creation[]> {
  const pieces = runs.some(needsSlot) ? [] : inPieces(encodeAll(options, runs, mark));
  const [piece] = pieces;
  return piece !== undefined && pieces.length === 1
    ? await createAtOnce(options, runs, piece, mark)
    : await createInTransaction(options, runs, mark, new Map());
}

async function createAtOnce(
  options: CreateOptions,
  runs: readonly NewRun[],
  piece: readonly EncodedChange[],
  mark: DispatchMark,
): Promise<readonly Creation[]> {
  const isUsual = piece.every(({ own, rare }) => rare === undefined && own['hash'] === null);
  if (isUsual && (await insertUsual(options.database, piece))) return runs.map(created);
  const inserted = await insertFully(options.database, withoutDuplicates(runs, piece));
  return await settle(options, runs, inserted, mark);
}

/** False when one of the runs exists already: then nothing was written. */
async function insertUsual(database: Database, piece: readonly EncodedChange[]): Promise<boolean> {
  try {
    const [only] = piece;
    if (piece.length === 1 && only !== undefined) await database.hotQueryRaw(createOne, oneParameters(newRuns, only));
    else await database.hotQueryRaw(create, ownParameters(newRuns, piece));
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw toStoreError(error, create.name);
  }
}

async function insertFully(runner: Runner, piece: readonly EncodedChange[]): Promise<ReadonlySet<string>> {
  const rows = await runner.query<{ id: string }>(createFully, [...ownParameters(newRuns, piece), ...rareParameters(piece)]);
  return new Set(rows.map(({ id }) => id));
}

/** Of runs with the same idempotency key the first only. */
function withoutDuplicates(runs: readonly NewRun[], piece: readonly EncodedChange[]): readonly EncodedChange[] {
  const seen = new Set<string>();
  const later = new Set<string>();
  for (const { queued, idempotency } of runs) {
    if (idempotency === undefined) continue;
    const key = pairKey(queued.state.tenant, idempotency.key);
    if (seen.has(key)) later.add(queued.state.id);
    seen.add(key);
  }
  return later.size === 0 ? piece : piece.filter(({ id }) => !later.has(id));
}

/** What became of runs of which some were not inserted. One whose reason is gone by now is created once more. */
async function settle(
  options: CreateOptions,
  runs: readonly NewRun[],
  inserted: ReadonlySet<string>,
  mark: DispatchMark,
): Promise<readonly Creation[]> {
  const refused = runs.filter(({ queued: { state } }) => !inserted.has(state.id));
  const holders = refused.length === 0 ? new Map<NewRun, Creation>() : await holdersOf(options.database, refused);
  const existing = await statusesOf(options.database, refused);
  const results: Creation[] = [];
  for (const run of runs) {
    const { id } = run.queued.state;
    const runStatus = existing.get(id);
    const known = inserted.has(id)
      ? created(run)
      : (holders.get(run) ?? (runStatus && ({ status: 'repeated', run: id, runStatus } as const)));
    results.push(...(known === undefined ? await createRuns(options, [run], mark) : [known]));
  }
  return results;
}

function created(run: NewRun): Creation {
  return { status: 'created', change: createdAs(run, true) };
}

async function createInTransaction(
  options: CreateOptions,
  runs: readonly NewRun[],
  mark: DispatchMark,
  existing: ReadonlyMap<string, RunStatus>,
): Promise<readonly Creation[]> {
  try {
    return await options.database.transaction('create-transaction', (runner) => createWith(runner, options, runs, mark, existing));
  } catch (error) {
    if (!(error instanceof RunsExist)) throw error;
    const found = await statusesOf(
      options.database,
      runs.filter(({ queued: { state } }) => error.runs.has(state.id)),
    );
    return await createInTransaction(options, runs, mark, new Map([...existing, ...found]));
  }
}

async function createWith(
  runner: Runner,
  options: CreateOptions,
  runs: readonly NewRun[],
  mark: DispatchMark,
  existing: ReadonlyMap<string, RunStatus>,
): Promise<readonly Creation[]> {
  const settled = new Map<NewRun, Creation>();
  for (const run of runs) {
    const { id } = run.queued.state;
    const runStatus = existing.get(id);
    if (runStatus !== undefined) settled.set(run, { status: 'repeated', run: id, runStatus });
  }
  const others = runs.filter((run) => !settled.has(run));
  const claims = await claimIdempotencyKeys(runner, others);
  const fresh = others.filter((run) => !claims.has(run));
  const free = await reserveSlotsFor(runner, fresh);
  const changes = fresh.map((run) => [run, createdAs(run, free.has(run))] as const);
  for (const [run, change] of changes) settled.set(run, { status: 'created', change });
  const encoded = changes.map(([run, change]) => encodeNewRun(change, run, true, mark, options.marks));
  for (const piece of inPieces(encoded.sort(byTextOf(({ id }) => id)))) await insertNew(runner, piece);
  const statuses = new Map(changes.map(([, { state }]) => [state.id, state.status]));
  return runs.flatMap((run) => settled.get(run) ?? withStatus(claims.get(run), statuses) ?? []);
}

async function insertNew(runner: Runner, piece: readonly EncodedChange[]): Promise<void> {
  const inserted = await insertFully(runner, piece);
  if (inserted.size < piece.length) throw new RunsExist(piece.map(({ id }) => id).filter((id) => !inserted.has(id)));
}

/** The run that holds the key may be of this very batch: then its status is known only now. */
function withStatus(claim: Creation | undefined, created: ReadonlyMap<string, RunStatus>): Creation | undefined {
  return claim?.status === 'repeated' ? { ...claim, runStatus: created.get(claim.run) ?? claim.runStatus } : claim;
}

/** Some runs existed already; thrown to undo the transaction. */
class RunsExist extends ConflictError {
  readonly runs: ReadonlySet<string>;

  constructor(runs: readonly string[]) {
    super('CONFLICT', 'Runs with these ids exist already', { details: { runs: [...runs] } });
    this.runs = new Set(runs);
  }
}

function encodeAll({ marks }: CreateOptions, runs: readonly NewRun[], mark: DispatchMark): readonly EncodedChange[] {
  return runs.map((run) => encodeNewRun(createdAs(run, true), run, false, mark, marks)).sort(byTextOf(({ id }) => id));
}

async function statusesOf(database: Database, runs: readonly NewRun[]): Promise<ReadonlyMap<string, RunStatus>> {
  if (runs.length === 0) return new Map();
  const ids = runs.map(({ queued: { state } }) => state.id);
  const rows = await database.query<{ id: string; status: RunStatus }>(runStatuses, [ids]);
  return new Map(rows.map(({ id, status }) => [id, status]));
}
