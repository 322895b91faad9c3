import { MAX_DECAY, RATE_TAU_MS } from '../../error-rate.ts';
import { MAX_ERROR_GROUPS, MAX_ERROR_RUNS } from '../../errors.ts';
import { fromMs, type Statement, toMs } from './statement.ts';

const left = `greatest(0, extract(epoch from now() - g.rated_at)::float8 * 1000) / ${String(RATE_TAU_MS)}`;
/** What is left of a group's rate now. */
const decayed = `g.rate * exp(-least(${String(MAX_DECAY)}, ${left}))`;

/**
 * Adds a flush to the groups unless it was added before. Groups are written in order, so that two flushes do not lock each other out.
 * $1 source, $2 sequence, $3 tenant; of each group: $4 fingerprint, $5 code, $6 name, $7 title, $8 first and $9 last time in
 * milliseconds, $10 count, $11 rate, $12 runs as JSON, the newest first, $13 whether there may be more, $14 message, $15 stack.
 */
export const countErrors: Statement = {
  name: 'count-errors',
  text: `
with flush as (
  insert into error_flushes as f (source, sequence) values ($1, $2::bigint)
  on conflict (source) do update set sequence = excluded.sequence, at = now() where f.sequence < excluded.sequence
  returning 1
)
insert into error_groups as g
  (tenant, fingerprint, code, name, title, first_seen_at, last_seen_at, count, rate, runs, runs_truncated, message, stack)
select $3::text, d.fingerprint, d.code, d.name, d.title, ${fromMs('d.first_at')}, ${fromMs('d.last_at')}, d.n, d.rate,
       array(select jsonb_array_elements_text(d.runs::jsonb)), d.truncated, d.message, d.stack
  from flush
 cross join unnest(
         $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[],
         $13::boolean[], $14::text[], $15::text[]
       ) as d (fingerprint, code, name, title, first_at, last_at, n, rate, runs, truncated, message, stack)
 order by d.fingerprint
on conflict (tenant, fingerprint) do update
   set status = case when g.status = 'resolved' and excluded.last_seen_at > g.marked_at then 'open' else g.status end,
       first_seen_at = least(g.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(g.last_seen_at, excluded.last_seen_at),
       count = g.count + excluded.count,
       rate = ${decayed} + excluded.rate,
       rated_at = now(),
       runs = array(
         select r.run from unnest(excluded.runs || g.runs) with ordinality as r (run, n)
          group by r.run order by min(r.n) limit ${String(MAX_ERROR_RUNS)}
       ),
       runs_truncated = g.runs_truncated or excluded.runs_truncated
         or (select count(distinct r.run) from unnest(excluded.runs || g.runs) as r (run)) > ${String(MAX_ERROR_RUNS)},
       message = case when excluded.last_seen_at >= g.last_seen_at then excluded.message else g.message end,
       stack = case when excluded.last_seen_at >= g.last_seen_at then excluded.stack else g.stack end`,
};

const columns = `
g.fingerprint, g.code, g.name, g.title, g.status, ${toMs('g.first_seen_at')} as first_at, ${toMs('g.last_seen_at')} as last_at,
g.count::float8 as n, ${decayed} as rate, g.runs, g.runs_truncated as truncated, g.message, g.stack,
${toMs('g.marked_at')} as marked_at, g.marked_by`;

/** $1 tenant, $2 fingerprint. */
export const errorGroup: Statement = {
  name: 'error-group',
  text: `select ${columns} from error_groups g where g.tenant = $1 and g.fingerprint = $2`,
};

/** Those seen last first. $1 tenant, $2 status, $3 code, $4 run or null each, $5 time and $6 fingerprint of the last one of the page before, $7 limit. */
export const errorGroups: Statement = {
  name: 'error-groups',
  text: `
select ${columns} from error_groups g
 where g.tenant = $1
   and ($2::text is null or g.status = $2) and ($3::text is null or g.code = $3) and ($4::text is null or $4 = any(g.runs))
   and ($5::float8 is null or (g.last_seen_at, g.fingerprint) < (${fromMs('$5::float8')}::timestamptz(3), $6::text))
 order by g.last_seen_at desc, g.fingerprint desc limit $7::int`,
};

/** $1 tenant, $2 fingerprint, $3 status, $4 who. */
export const markErrorGroup: Statement = {
  name: 'mark-error-group',
  text: `
update error_groups g set status = $3, marked_at = now(), marked_by = $4
 where g.tenant = $1 and g.fingerprint = $2
returning ${columns}`,
};

/** $1 time in milliseconds, $2 limit. */
export const purgeErrors: Statement = {
  name: 'purge-errors',
  text: `
with old as (
  (select tenant, fingerprint from error_groups where last_seen_at < ${fromMs('$1::float8')} limit $2::int)
  union
  (select tenant, fingerprint
     from (select tenant, fingerprint, row_number() over (partition by tenant order by last_seen_at desc) as place from error_groups) as r
    where place > ${String(MAX_ERROR_GROUPS)} limit $2::int)
)
, gone as (delete from error_groups g using old o where g.tenant = o.tenant and g.fingerprint = o.fingerprint returning 1)
, gone_flushes as (delete from error_flushes where at < now() - interval '7 days')
select count(*)::int as n from gone`,
};
