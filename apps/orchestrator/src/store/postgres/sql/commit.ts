import { changedRuns, slottedRuns } from './row-sets.ts';
import { fromMs, type Statement } from './statement.ts';
import { insertChanges, rareParts, setState } from './write-parts.ts';

/** Number of runs; the other parameters begin after it. */
const RUNS = 2;

/** The ids that were written, in one text; null: all of them. */
const result = `
select case when count(*) < $1::int then coalesce(string_agg(id::text, ','), '') end as ids from written`;

/** Slots stay as they are, which is why a run that would give one back is passed over. */
const updateRuns = (rows: string): string => `
with written as (
  update runs r set due_at = ${fromMs('i.due_at')}, ${setState('i')}
    from ${rows}
   where r.id = i.id and r.seq = i.expected and not (r.slot and i.releases)
  returning r.id, r.tenant, i.seq, i.at, i.events, i.tasks
)`;

const simple = (rare: string): string => `${updateRuns(changedRuns.unnest(RUNS, 'i'))}
, written_changes as (${insertChanges('written')}
)${rare}${result}`;

/**
 * Writes changes of runs, each only where the run's number is still the expected one, and tells which it wrote
 * if not all: of the others nothing is written. One round trip, one commit. Rows are locked in the order of the parameters (sorted by
 * id), then slots by name, so that commits never deadlock with each other. $1 number of changes.
 * `commit` is for changes that touch no slot and have nothing rare; a run that holds a slot and ends is left to `commitSlots`.
 * `commitRare` writes decisions, dead letters and checkpoints, too; `commitSlots` everything.
 */
export const commit: Statement = { name: 'commit', text: simple('') };
export const commitRare: Statement = { name: 'commit-rare', text: simple(rareParts(RUNS + changedRuns.width)) };

/** `commit` for one change that has events, without the machinery of arrays; returns its run if it was written. */
export const commitOne: Statement = {
  name: 'commit-one',
  text: `${updateRuns(changedRuns.row(1, 'i'))}${insertChanges('written')} returning run_id as id`,
};

export const commitSlots: Statement = {
  name: 'commit-slots',
  text: `
with locked as materialized (
  select i.*, r.tenant, r.pipeline, r.slot as held,
         r.concurrency is not null and not i.releases and (r.slot or i.takes) as holds
    from ${slottedRuns.unnest(RUNS, 'i')}
   cross join lateral (
     select tenant, pipeline, slot, concurrency from runs where runs.id = i.id and runs.seq = i.expected for update
   ) as r
)
, written as (
  update runs r
     set slot = i.holds, admitted = r.admitted and i.status = 'queued' and not i.requeued,
         due_at = case when r.admitted and i.status = 'queued' and not i.requeued then r.due_at else ${fromMs('i.due_at')} end, ${setState('i')}
    from locked i
   where r.id = i.id
  returning r.id, r.tenant, i.seq, i.at, i.events, i.tasks
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
)
, written_changes as (${insertChanges('written')}
)${rareParts(RUNS + slottedRuns.width)}${result}`,
};
