import { fromMs, type Statement, toMs } from './statement.ts';

/** Tenants with finished runs, one probe of the index each. */
const tenants = `
with recursive tenants as (
  (select tenant from runs where finished_at is not null order by tenant limit 1)
  union all
  select (select r.tenant from runs r where r.finished_at is not null and r.tenant > t.tenant order by r.tenant limit 1)
    from tenants t where t.tenant is not null
)`;

/** Runs of a tenant that ended after a moment and an id, in this order. $1 tenant, $2 time in milliseconds, $3 id, $4 limit. */
export const ended: Statement = {
  name: 'ended',
  text: `
select id, status, ${toMs('finished_at')} as at from runs
 where tenant = $1 and finished_at is not null and (finished_at, id) > (${fromMs('$2::float8')}, $3::uuid)
 order by runs.finished_at, id limit $4`,
};

/**
 * Runs of all tenants that failed or are sampled, that ended around the last sign of life of an orchestrator, the last first.
 * $1 its name, $2 milliseconds before, $3 milliseconds after, $4 limit.
 */
export const endedAround: Statement = {
  name: 'ended-around',
  text: `${tenants}
select e.id from orchestrators o
 cross join tenants t
 cross join lateral (
   select r.id, r.finished_at from runs r
    where r.tenant = t.tenant and r.finished_at is not null
      and r.finished_at >= o.seen_at - $2::float8 * interval '1 millisecond'
      and r.finished_at <= o.seen_at + $3::float8 * interval '1 millisecond'
      and (r.status = 'failed' or r.traceparent ~ '[13579bdf]$')
    order by r.finished_at desc, r.id desc limit $4::int
 ) as e
 where o.name = $1
 order by e.finished_at desc, e.id desc limit $4::int`,
};

/**
 * Removes the oldest finished runs with everything that belongs to them; one that somebody is changing is passed over.
 * $1 time in milliseconds, $2 limit.
 */
export const purge: Statement = {
  name: 'purge',
  text: `${tenants}
, oldest as materialized (
  select o.id from tenants t
   cross join lateral (
     select r.id, r.finished_at from runs r
      where r.tenant = t.tenant and r.finished_at is not null and r.finished_at < ${fromMs('$1::float8')}
      order by r.finished_at, r.id limit $2::int
   ) as o
   order by o.finished_at, o.id limit $2::int
)
, locked as materialized (
  select l.id, l.tenant, l.idempotency_key from oldest o
   cross join lateral (
     select id, tenant, idempotency_key from runs
      where runs.id = o.id and (finished_at < ${fromMs('$1::float8')}) is true for update skip locked
   ) as l
)
, gone_changes as (delete from changes c using locked l where c.run_id = l.id)
, gone_checkpoints as (delete from checkpoints c using locked l where c.run_id = l.id)
, gone_decisions as (delete from decisions d using locked l where d.run_id = l.id)
, gone_dead_letters as (delete from dead_letters d using locked l where d.run_id = l.id)
, gone_keys as (
  delete from idempotency_keys k using locked l where k.tenant = l.tenant and k.key = l.idempotency_key and (k.run_id = l.id) is true
)
, gone as (delete from runs r using locked l where r.id = l.id returning r.id)
select count(*)::int as n from gone`,
};

/** Finished runs that are counted one by one; beyond, the estimate of the last vacuum or analyze counts. */
const COUNTED = 1_000;

/** Most that are counted as having ended before a time. */
const PAST = 100_000;

/**
 * How many finished runs there are, about, when the oldest ended, and how many ended before a time. However many there are, a few
 * pages are read, and entries of the index for what ended before. $1 time in milliseconds, or null.
 */
export const history: Statement = {
  name: 'history',
  text: `${tenants}
select greatest(counted.n, case when counted.n > ${String(COUNTED)} then estimated.n else 0 end)::float8 as runs, oldest.at,
       case when $1::float8 is not null then (
         select count(*)::int from (
           select from tenants t
            cross join lateral (
              select from runs r where r.tenant = t.tenant and r.finished_at is not null and r.finished_at < ${fromMs('$1::float8')}
               limit ${String(PAST)}
            ) as ended
            limit ${String(PAST)}
         ) as few
       ) end as past
  from (select count(*) as n from (select from runs where finished_at is not null limit ${String(COUNTED + 1)}) as few) as counted
 cross join (select reltuples as n from pg_class where oid = to_regclass('runs_ended')) as estimated
 cross join (
   select ${toMs('min(first.finished_at)')} as at
     from tenants t
    cross join lateral (
      select r.finished_at from runs r where r.tenant = t.tenant and r.finished_at is not null order by r.finished_at, r.id limit 1
    ) as first
 ) as oldest`,
};
