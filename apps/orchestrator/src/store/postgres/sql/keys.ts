import { RowSet } from './row-set.ts';
import type { Statement } from './statement.ts';

export const keyClaims = new RowSet({ tenant: 'text', key: 'text', run_id: 'uuid', hash: 'text' });
export const keyNames = new RowSet({ tenant: 'text', key: 'text' });

/** Claims idempotency keys for runs that are about to be created; waits for others that claim the same ones. Give them in order. */
export const claimKeys: Statement = {
  name: 'claim-keys',
  text: `
insert into idempotency_keys (tenant, key, run_id, hash)
select tenant, key, run_id, hash from ${keyClaims.unnest(1, 'i')}
on conflict (tenant, key) do nothing`,
};

/** Who has the keys, and how those runs stand (null: about to be created). */
export const readKeys: Statement = {
  name: 'read-keys',
  text: `
select k.tenant, k.key, k.run_id, k.hash, r.status
  from ${keyNames.unnest(1, 'i')}
  join idempotency_keys k on k.tenant = i.tenant and k.key = i.key
  left join runs r on r.id = k.run_id`,
};

/** How runs stand. $1 ids. */
export const runStatuses: Statement = { name: 'run-statuses', text: `select id, status from runs where id = any($1::uuid[])` };
