import { changedRuns } from './row-sets.ts';
import { fromMs, type Statement } from './statement.ts';
import { OWN, rareParts, usualParts } from './write-parts.ts';

const text = (rare: string): string => `
with locked as materialized (
  select i.*, r.tenant, r.pipeline, r.slot as held,
         r.concurrency is not null and not i.releases and (r.slot or i.takes) as holds
    from ${changedRuns.unnest(OWN, 'i')}
   cross join lateral (
     select tenant, pipeline, slot, concurrency from runs where runs.id = i.id and runs.seq = i.expected for update
   ) as r
)
, written as (
  update runs r
     set seq = l.seq, status = l.status, slot = l.holds,
         admitted = r.admitted and l.status = 'queued' and not l.requeued,
         started_at = ${fromMs('l.started_at')}, finished_at = ${fromMs('l.finished_at')}, deadline_at = ${fromMs('l.deadline_at')},
         due_at = case when r.admitted and l.status = 'queued' and not l.requeued then r.due_at else ${fromMs('l.due_at')} end,
         output = l.output::jsonb, error = l.error::jsonb
    from locked l
   where r.id = l.id
  returning r.id
)
, moved as materialized (
  select tenant, pipeline, sum(case when holds then 1 else -1 end)::int as by
    from locked where held <> holds group by tenant, pipeline order by tenant, pipeline
)
, locked_slots as materialized (
  select s.tenant, s.pipeline, m.by from moved m
   cross join lateral (select tenant, pipeline from slots where slots.tenant = m.tenant and slots.pipeline = m.pipeline for update) as s
)
, written_slots as (
  update slots s set active = greatest(0, s.active + l.by) from locked_slots l where s.tenant = l.tenant and s.pipeline = l.pipeline
)${usualParts}${rare}
select id from written`;

/**
 * Writes changes of runs, each only where the run's number is still the expected one, and returns the ids of those that it
 * wrote; of the others nothing is written. One round trip, one commit. Rows are locked in the order of the parameters
 * (sorted by id), then slots by name, so that commits never deadlock with each other.
 * `commitFully` also writes decisions, dead letters, checkpoints and removals.
 */
export const commit: Statement = { name: 'commit', text: text('') };
export const commitFully: Statement = { name: 'commit-fully', text: text(rareParts(OWN + changedRuns.width)) };
