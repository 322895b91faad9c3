import { RowSet } from './row-set.ts';
import { fromMs, type Statement, toMs } from './statement.ts';

export const auditEntries = new RowSet({
  id: 'uuid',
  tenant: 'text',
  actor: 'text',
  action: 'text',
  target: 'text',
  details: 'text',
  correlation_id: 'text',
});

/** Adds the records that begin with the given parameter; a condition may follow. Part of the statement that does what they tell of. */
export const insertRecords = (first: number): string => `
insert into audit_records (id, tenant, actor, action, target, details, correlation_id)
select e.id, e.tenant, e.actor, e.action, e.target, e.details::jsonb, e.correlation_id from ${auditEntries.unnest(first, 'e')}`;

/** Adds records; those that are there stay as they are. */
export const record: Statement = { name: 'record', text: `${insertRecords(1)} on conflict (id) do nothing` };

/**
 * The newest first. $1 tenant, $2 action, $3 actor, $4 target, $5 after and $6 before which time in milliseconds, or null each, $7 time
 * and $8 id of the last one of the page before, $9 limit.
 */
export const auditRecords: Statement = {
  name: 'audit-records',
  text: `
select r.id, ${toMs('r.at')} as at_ms, r.actor, r.action, r.target, r.details, r.correlation_id from audit_records r
 where r.tenant = $1
   and ($2::text is null or r.action = $2) and ($3::text is null or r.actor = $3) and ($4::text is null or r.target = $4)
   and ($5::float8 is null or r.at > ${fromMs('$5::float8')}::timestamptz(3))
   and ($6::float8 is null or r.at < ${fromMs('$6::float8')}::timestamptz(3))
   and ($7::float8 is null or (r.at, r.id) < (${fromMs('$7::float8')}::timestamptz(3), $8::uuid))
 order by r.at desc, r.id desc limit $9::int`,
};

/** Tells the trigger of the table what this transaction removes. $1 time in milliseconds. */
export const allowPurge: Statement = {
  name: 'allow-purge-audit',
  text: `select set_config('mainstay.audit_cut_off', (${fromMs('$1::float8')}::timestamptz(3))::text, true)`,
};

/** $1 time in milliseconds, $2 limit, $3 the time as text, $4 who. Needs {@link allowPurge} in the same transaction. */
export const purgeAudit: Statement = {
  name: 'purge-audit',
  text: `
with old as materialized (
  select id from audit_records where at < ${fromMs('$1::float8')}::timestamptz(3) order by at, id limit $2::int for update skip locked
)
, gone as (delete from audit_records r using old o where r.id = o.id returning r.tenant, r.action)
, noted as (
  insert into audit_records (tenant, actor, action, target, details, correlation_id)
  select g.tenant, $4::text, 'audit.purged', 'audit', jsonb_build_object('records', count(*), 'writtenBefore', $3::text), ''
    from gone g where g.action <> 'audit.purged' group by g.tenant
)
select count(*)::int as n from gone`,
};

/** $1 tenant, $2 id, $3 who, $4 why; then records. Tells how many it gave up: 0 or 1. */
export const discardDeadLetter: Statement = {
  name: 'discard-dead-letter',
  text: `
with discarded as (
  update dead_letters set discarded_at = now(), discarded_by = $3, discard_reason = $4
   where tenant = $1 and id = $2::uuid and redriven_at is null and discarded_at is null
  returning 1
)
, noted as (${insertRecords(5)} where exists (select from discarded))
select count(*)::int as n from discarded`,
};

/** $1 id, $2 tenant, $3 name, $4 scopes, $5 prefix, $6 hash, $7 created, $8 expires, $9 revoked; then records. Tells how many it added: 0 or 1. */
export const addApiKey: Statement = {
  name: 'add-api-key',
  text: `
with added as (
  insert into api_keys (id, tenant, name, scopes, prefix, hash, created_at, expires_at, revoked_at)
  values ($1::uuid, $2, $3, $4::text[], $5, $6, ${fromMs('$7::float8')}, ${fromMs('$8::float8')}, ${fromMs('$9::float8')})
  on conflict do nothing
  returning 1
)
, noted as (${insertRecords(10)} where exists (select from added))
select count(*)::int as n from added`,
};

/** $1 tenant, $2 id; then records. Tells how many such keys there are: 0 or 1. */
export const revokeApiKey: Statement = {
  name: 'revoke-api-key',
  text: `
with revoked as (
  update api_keys set revoked_at = now() where tenant = $1 and id = $2::uuid and revoked_at is null returning 1
)
, noted as (${insertRecords(3)} where exists (select from revoked))
select count(*)::int as n from api_keys where tenant = $1 and id = $2::uuid`,
};
