import { ConflictError } from '@mainstay/types';
import type { RunStatus } from '../../pipeline/model.ts';
import { createdAs, needsSlot } from '../created-as.ts';
import type { Creation, DispatchMark, NewRun } from '../store.ts';
import type { Database, Runner } from './database.ts';
import { type EncodedChange, encodeNewRun } from './encode.ts';
import { byTextOf } from './order.ts';
import { claimIdempotencyKeys } from './claim-keys.ts';
import { reserveSlotsFor } from './reserve-slots.ts';
import { create, createFully } from './sql/create.ts';
import { runStatuses } from './sql/keys.ts';
import { newRuns } from './sql/row-sets.ts';
import { inPieces, statementFor } from './write-batch.ts';

const FORMS = { usual: create, full: createFully, own: newRuns };

/**
 * Creates runs, all or none. Without an idempotency key and a limit among them: one statement, one round trip. A run whose
 * id exists already (the same call again, after an answer that was lost) is reported as repeated. Rejects with
 * VALIDATION_FAILED, having written nothing, when Postgres refuses the data of one of them; then create each alone.
 */
export async function createRuns(database: Database, runs: readonly NewRun[], mark: DispatchMark): Promise<readonly Creation[]> {
  const isPlain = runs.every((run) => run.idempotency === undefined && !needsSlot(run));
  const pieces = isPlain ? inPieces(encodeAll(runs.map((run) => [run, run.started]))) : [];
  const [piece] = pieces;
  return piece !== undefined && pieces.length === 1
    ? await createAtOnce(database, runs, piece, mark)
    : await createInTransaction(database, runs, mark, new Map());
}

async function createAtOnce(
  database: Database,
  runs: readonly NewRun[],
  piece: readonly EncodedChange[],
  mark: DispatchMark,
): Promise<readonly Creation[]> {
  const rows = await database.query<{ id: string }>(...statementFor(FORMS, piece, mark));
  const inserted = new Set(rows.map(({ id }) => id));
  const existing = await statusesOf(
    database,
    piece.filter(({ id }) => !inserted.has(id)),
  );
  return runs.map((run) => {
    const { id } = run.queued.state;
    const runStatus = existing.get(id);
    return runStatus === undefined ? { status: 'created', change: createdAs(run, true) } : { status: 'repeated', run: id, runStatus };
  });
}

async function createInTransaction(
  database: Database,
  runs: readonly NewRun[],
  mark: DispatchMark,
  existing: ReadonlyMap<string, RunStatus>,
): Promise<readonly Creation[]> {
  try {
    return await database.transaction('create-transaction', (runner) => createWith(runner, runs, mark, existing));
  } catch (error) {
    if (!(error instanceof RunsExist)) throw error;
    return await createInTransaction(database, runs, mark, new Map([...existing, ...(await statusesOf(database, error.runs))]));
  }
}

async function createWith(
  runner: Runner,
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
  await insert(runner, encodeAll(changes), mark);
  const created = new Map(changes.map(([, { state }]) => [state.id, state.status]));
  return runs.flatMap((run) => settled.get(run) ?? withStatus(claims.get(run), created) ?? []);
}

/** The run that holds the key may be of this very batch: then its status is known only now. */
function withStatus(claim: Creation | undefined, created: ReadonlyMap<string, RunStatus>): Creation | undefined {
  return claim?.status === 'repeated' ? { ...claim, runStatus: created.get(claim.run) ?? claim.runStatus } : claim;
}

/** Some runs existed already; thrown to undo the transaction. */
class RunsExist extends ConflictError {
  readonly runs: readonly { readonly id: string }[];

  constructor(runs: readonly { readonly id: string }[]) {
    super('CONFLICT', 'Runs with these ids exist already', { details: { runs: runs.map(({ id }) => id) } });
    this.runs = runs;
  }
}

async function insert(runner: Runner, encoded: readonly EncodedChange[], mark: DispatchMark): Promise<void> {
  for (const piece of inPieces(encoded)) {
    const rows = await runner.query<{ id: string }>(...statementFor(FORMS, piece, mark));
    const inserted = new Set(rows.map(({ id }) => id));
    const existing = piece.filter(({ id }) => !inserted.has(id));
    if (existing.length > 0) throw new RunsExist(existing);
  }
}

function encodeAll(changes: readonly (readonly [NewRun, NewRun['started']])[]): readonly EncodedChange[] {
  return changes.map(([run, change]) => encodeNewRun(change, run.concurrency)).sort(byTextOf(({ id }) => id));
}

async function statusesOf(database: Database, runs: readonly { readonly id: string }[]): Promise<ReadonlyMap<string, RunStatus>> {
  if (runs.length === 0) return new Map();
  const rows = await database.query<{ id: string; status: RunStatus }>(runStatuses, [runs.map(({ id }) => id)]);
  return new Map(rows.map(({ id, status }) => [id, status]));
}
