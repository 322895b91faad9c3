import { type Statement, toMs } from './statement.ts';

// Each of these reads an index that holds unfinished work only.

/** The first runs by due time, due or not. $1 how many. */
export const due: Statement = {
  name: 'due',
  text: `select id, ${toMs('due_at')} as due_at from runs where due_at is not null order by runs.due_at, id limit $1`,
};

/** $1 limit. */
export const suspended: Statement = { name: 'suspended', text: `select id from runs where status = 'suspended' order by id limit $1` };

/** $1 id to go on after, or null; $2 limit. */
export const active: Statement = {
  name: 'active',
  text: `
select id from runs where status in ('running', 'waiting') and id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit $2`,
};

/**
 * Active runs with the times of their last change and of their oldest open decision, and the change itself where it may tell of a stall. Ids grow with time, so that the oldest runs
 * come first. $1 id to go on after, or null; $2 id to end before; $3 limit.
 */
export const progress: Statement = {
  name: 'progress',
  text: `
with page as materialized (
  select id, tenant, pipeline, status, seq, due_at from runs
   where status in ('running', 'waiting') and id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') and id < $2::uuid
   order by id limit $3
)
select p.id, p.tenant, p.pipeline, p.status, p.seq, ${toMs('p.due_at')} as due_at, ${toMs('c.at')} as changed_at,
       case when length(c.events) < 500 and position('"run.stalled"' in c.events) > 0 then c.events end as told,
       (select ${toMs('min(d.opened_at)')} from decisions d where d.run_id = p.id and d.status = 'open') as asked_at
  from page p join changes c on c.run_id = p.id and c.last = p.seq
 order by p.id`,
};

const unfinished = `r.status in ('running', 'waiting', 'paused', 'suspended')`;

/** The unfinished tasks of a run as rows. */
const tasks = `
  json_to_recordset(r.live::json) as t (stage text, fence int, status text, agent text, "dispatchedAt" float8, sent json)`;

/**
 * Dispatched attempts in batches that their orchestrator had not published for certain; of an unknown one, all. Documents
 * are opened only where the run's columns do not say that nothing is to be found. $1 names, $2 limit.
 */
export const unpublished: Statement = {
  name: 'unpublished',
  text: `
select r.id as run_id, t.stage, t.fence
  from unnest($1::text[]) as n (name)
  left join orchestrators o on o.name = n.name
  join runs r on ${unfinished} and (r.dispatcher = '' or (r.dispatcher = n.name and r.batch > coalesce(o.published, -1)))
 cross join lateral ${tasks}
 where t.status = 'dispatched' and coalesce(t.sent ->> 0, r.dispatcher) = n.name
   and coalesce((t.sent ->> 1)::bigint, r.batch) > coalesce(o.published, -1)
 limit $2`,
};

/** Attempts that were sent under an epoch before or after the given one in the order of text. $1 epoch, $2 limit. */
export const ofOtherEpochs: Statement = {
  name: 'of-other-epochs',
  text: `
select r.id as run_id, t.stage, t.fence
  from (select * from runs where epoch < $1::text union all select * from runs where epoch > $1::text) as r
 cross join lateral ${tasks}
 where t.status in ('dispatched', 'running') and coalesce(t.sent ->> 2, r.epoch) <> $1::text
 limit $2`,
};

/** Opens the documents that name the agent. $1 agent kind, $2 time in milliseconds, $3 limit. */
export const dispatchedBefore: Statement = {
  name: 'dispatched-before',
  text: `
select r.id as run_id, t.stage, t.fence
  from runs r
 cross join lateral ${tasks}
 where ${unfinished} and r.epoch is not null and position($1::text in r.live) > 0
   and t.status in ('dispatched', 'running') and t.agent = $1::text and t."dispatchedAt" < $2::float8
 order by t."dispatchedAt" limit $3`,
};

/**
 * Outstanding attempts by agent kind, of a page of runs: `runs` says how many runs it had, `last` how the last one is called. One
 * row at least. $1 id to go on after, or null; $2 runs.
 */
export const outstanding: Statement = {
  name: 'outstanding',
  text: `
with page as materialized (
  select r.id, r.live from runs r
   where ${unfinished} and r.epoch is not null and r.id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
   order by r.id limit $2
)
select p.runs, p.last, a.*
  from (select count(*)::int as runs, (array_agg(id order by id desc))[1] as last from page) as p
  left join lateral (
    select t.agent, (count(*) filter (where t.status = 'dispatched'))::int as dispatched,
           (count(*) filter (where t.status = 'running'))::int as running,
           min(t."dispatchedAt") filter (where t.status = 'dispatched') as oldest_at
      from page r
     cross join lateral ${tasks}
     where t.status in ('dispatched', 'running') group by t.agent
  ) as a on true`,
};
