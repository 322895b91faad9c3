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
  const claims = runs.flatMap(({ queued: { state }, idempotency }) =>
    idempotency === undefined ? [] : [{ tenant: state.tenant, key: encodeText(idempotency.key), run_id: state.id, hash: idempotency.hash }],
  );
  if (claims.length === 0) return new Map();
  claims.sort(byTextOf(({ tenant, key }) => pairKey(tenant, key)));
  await runner.query(claimKeys, keyClaims.parameters(claims));
  const rows = await runner.query<KeyRow>(readKeys, keyNames.parameters(claims));
  const holders = new Map(rows.map((row) => [pairKey(row.tenant, decodeText(row.key)), row]));
  return new Map(runs.flatMap((run) => claimed(run, holders)));
}

function claimed(run: NewRun, holders: ReadonlyMap<string, KeyRow>): readonly (readonly [NewRun, Creation])[] {
  const { state } = run.queued;
  const holder = run.idempotency && holders.get(pairKey(state.tenant, run.idempotency.key));
  if (holder === undefined || (holder.run_id === state.id && holder.status === null)) return [];
  if (holder.hash !== run.idempotency?.hash) return [[run, { status: 'key-reused', run: holder.run_id }]];
  return [[run, { status: 'repeated', run: holder.run_id, runStatus: holder.status ?? 'queued' }]];
}
