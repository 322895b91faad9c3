import { fromMs, type Statement, toMs } from './statement.ts';

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

/** Dispatched attempts in batches that their orchestrator had not published for certain; of an unknown one, all. $1 names, $2 limit. */
export const unpublished: Statement = {
  name: 'unpublished',
  text: `
select t.run_id, t.stage, t.fence
  from unnest($1::text[]) as n (name)
  left join orchestrators o on o.name = n.name
 cross join lateral (
   select run_id, stage, fence from tasks
    where status = 'dispatched' and dispatcher = n.name and batch > coalesce(o.published, -1)
    order by batch limit $2
 ) as t
 limit $2`,
};

/** Attempts that were sent under an epoch before or after the given one in the order of text. $1 epoch, $2 limit. */
export const ofOtherEpochs: Statement = {
  name: 'of-other-epochs',
  text: `
select run_id, stage, fence from tasks where status in ('dispatched', 'running') and epoch < $1
union all
select run_id, stage, fence from tasks where status in ('dispatched', 'running') and epoch > $1
limit $2`,
};

/** $1 agent kind, $2 time in milliseconds, $3 limit. */
export const dispatchedBefore: Statement = {
  name: 'dispatched-before',
  text: `
select run_id, stage, fence from tasks
 where status in ('dispatched', 'running') and agent = $1 and dispatched_at < ${fromMs('$2::float8')}
 order by dispatched_at limit $3`,
};

/** Outstanding attempts by agent kind; reads the index alone. */
export const outstanding: Statement = {
  name: 'outstanding',
  text: `
select agent, (count(*) filter (where status = 'dispatched'))::int as dispatched, (count(*) filter (where status = 'running'))::int as running,
       ${toMs("min(dispatched_at) filter (where status = 'dispatched')")} as oldest_at
  from tasks where status in ('dispatched', 'running') and dispatched_at is not null group by agent order by agent`,
};
