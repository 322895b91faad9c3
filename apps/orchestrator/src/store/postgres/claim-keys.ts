import type { RunStatus } from '../../pipeline/model.ts';
import type { Creation, NewRun } from '../store.ts';
import type { Runner } from './database.ts';
import { decodeText, encodeText } from './json.ts';
import { byTextOf, pairKey } from './order.ts';
import { claimKeys, keyClaims, keyNames, readKeys } from './sql/keys.ts';

interface KeyRow {
  readonly tenant: string;
  readonly key: string;
  readonly run_id: string;
  readonly hash: string;
  readonly status: RunStatus | null;
}

/** Claims the runs' idempotency keys; returns what becomes of those whose key was claimed before. They are not to be created. */
export async function claimIdempotencyKeys(runner: Runner, runs: readonly NewRun[]): Promise<ReadonlyMap<NewRun, Creation>> {
  const claims = claimsOf(runs);
  if (claims.length === 0) return new Map();
  await runner.query(claimKeys, keyClaims.parameters(claims));
  return await holdersOf(runner, runs);
}

/** Whose idempotency keys are held by another run, or by the same one, which exists then. */
export async function holdersOf(runner: Runner, runs: readonly NewRun[]): Promise<ReadonlyMap<NewRun, Creation>> {
  const claims = claimsOf(runs);
  if (claims.length === 0) return new Map();
  const rows = await runner.query<KeyRow>(readKeys, keyNames.parameters(claims));
  const holders = new Map(rows.map((row) => [pairKey(row.tenant, decodeText(row.key)), row]));
  return new Map(runs.flatMap((run) => claimed(run, holders)));
}

interface Claim {
  readonly tenant: string;
  readonly key: string;
  readonly run_id: string;
  readonly hash: string;
}

/** In the order of their names. */
function claimsOf(runs: readonly NewRun[]): readonly Claim[] {
  const claims = runs.flatMap(({ queued: { state }, idempotency }) =>
    idempotency === undefined ? [] : [{ tenant: state.tenant, key: encodeText(idempotency.key), run_id: state.id, hash: idempotency.hash }],
  );
  return claims.sort(byTextOf(({ tenant, key }) => pairKey(tenant, key)));
}

function claimed(run: NewRun, holders: ReadonlyMap<string, KeyRow>): readonly (readonly [NewRun, Creation])[] {
  const { state } = run.queued;
  const holder = run.idempotency && holders.get(pairKey(state.tenant, run.idempotency.key));
  if (holder === undefined || (holder.run_id === state.id && holder.status === null)) return [];
  if (holder.hash !== run.idempotency?.hash) return [[run, { status: 'key-reused', run: holder.run_id }]];
  return [[run, { status: 'repeated', run: holder.run_id, runStatus: holder.status ?? 'queued' }]];
}
