import { RowSet } from './row-set.ts';
import { fromMs, type Statement } from './statement.ts';

export const pipelineLimits = new RowSet({ tenant: 'text', pipeline: 'text', capacity: 'int4' });
export const pipelineNames = new RowSet({ tenant: 'text', pipeline: 'text' });
export const reservations = new RowSet({ tenant: 'text', pipeline: 'text', by: 'int4' });

/** Locks the slots of pipelines until the transaction ends and returns how many are held. Give the names in order. */
export const lockSlots: Statement = {
  name: 'lock-slots',
  text: `
insert into slots as s (tenant, pipeline, capacity)
select tenant, pipeline, capacity from ${pipelineLimits.unnest(1, 'i')}
on conflict (tenant, pipeline) do update set capacity = greatest(s.capacity, excluded.capacity)
returning tenant, pipeline, active`,
};

/** Those of the pipelines for which runs wait already: a new one must not overtake them. */
export const findWaiting: Statement = {
  name: 'find-waiting',
  text: `
select i.tenant, i.pipeline from ${pipelineNames.unnest(1, 'i')}
 where exists (select from runs r where r.tenant = i.tenant and r.pipeline = i.pipeline and r.status = 'queued' and not r.admitted)`,
};

/** Takes slots whose rows this transaction holds locked. */
export const reserveSlots: Statement = {
  name: 'reserve-slots',
  text: `
update slots s set active = s.active + i.by from ${reservations.unnest(1, 'i')} where s.tenant = i.tenant and s.pipeline = i.pipeline`,
};

/**
 * Gives free slots to queued runs, by priority and age, and makes them due. Exact: the slots' rows are locked before the
 * runs are looked at, and a run that another transaction holds is passed over. Runs of unlimited pipelines need no slot.
 * $1 limit, $2 now in milliseconds.
 */
export const admit: Statement = {
  name: 'admit',
  text: `
with open_slots as materialized (
  select tenant, pipeline, active, capacity from slots s
   where active < capacity
     and exists (select from runs r where r.tenant = s.tenant and r.pipeline = s.pipeline and r.status = 'queued' and not r.admitted)
   order by tenant, pipeline for update
)
, first_in_line as materialized (
  select r.*, o.active + row_number() over (partition by o.tenant, o.pipeline order by r.priority desc, r.created_at, r.id) as place
    from open_slots o
   cross join lateral (
     select id, tenant, pipeline, concurrency, priority, created_at from runs
      where runs.tenant = o.tenant and runs.pipeline = o.pipeline and status = 'queued' and not admitted and concurrency is not null
      order by priority desc, created_at, id
      limit least($1::int, greatest(0, o.capacity - o.active)) for update skip locked
   ) as r
)
, unlimited as materialized (
  select id, tenant, pipeline, priority, created_at from runs
   where status = 'queued' and not admitted and concurrency is null
   order by priority desc, created_at, id limit $1::int for update skip locked
)
, chosen as materialized (
  select * from (
    select id, tenant, pipeline, priority, created_at, true as limited from first_in_line where place <= concurrency
    union all
    select id, tenant, pipeline, priority, created_at, false from unlimited
  ) as c order by priority desc, created_at, id limit $1::int
)
, written_slots as (
  update slots s set active = s.active + c.by
    from (select tenant, pipeline, count(*)::int as by from chosen where limited group by tenant, pipeline) as c
   where s.tenant = c.tenant and s.pipeline = c.pipeline
)
, written as (
  update runs r set admitted = true, slot = c.limited, due_at = ${fromMs('$2::float8')} from chosen c where r.id = c.id returning r.id
)
select c.id from chosen c where (c.id in (select id from written)) is true order by c.priority desc, c.created_at, c.id`,
};

/** Keeps everybody else from the slots until the transaction ends; see {@link recountSlots}. */
export const lockSlotsTable: Statement = { name: 'lock-slots-table', text: 'lock table slots in share row exclusive mode' };

/** Sets the number of held slots to what the runs say; mends what an operator's hand broke. */
export const recountSlots: Statement = {
  name: 'recount-slots',
  text: `
update slots s set active = held.n
  from (select o.tenant, o.pipeline, (select count(*)::int from runs r where r.slot and r.tenant = o.tenant and r.pipeline = o.pipeline) as n
          from slots o) as held
 where s.tenant = held.tenant and s.pipeline = held.pipeline and s.active <> held.n
returning s.tenant, s.pipeline`,
};
