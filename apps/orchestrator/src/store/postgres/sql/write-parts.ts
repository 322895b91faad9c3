import { checkpoints, closedDecisions, deadLetters, openedDecisions, redriven, redriveRecords, removedCheckpoints } from './row-sets.ts';
import { fromMs } from './statement.ts';

// What `create` and `commit` have in common. Each part writes only for runs in the CTE `written`. The condition
// `(x in (select …)) is true` is not turned into a join by the planner: it is one look-up in a hash table per row. Elsewhere
// `(…) is true` keeps a condition from choosing an index, so that it is the key that does, also while tables are empty.
const isWritten = '(i.run_id in (select id from written)) is true';

/** Columns of a run that a change sets, from the row of the given alias. */
export const setState = (i: string): string => `
seq = ${i}.seq, status = ${i}.status, started_at = ${fromMs(`${i}.started_at`)}, finished_at = ${fromMs(`${i}.finished_at`)},
deadline_at = ${fromMs(`${i}.deadline_at`)}, dispatcher = ${i}.dispatcher, batch = ${i}.batch, epoch = ${i}.epoch, live = ${i}.live,
output = ${i}.output, error = ${i}.error`;

/** Rows of changes, from rows that have the columns of a run's state. A change without events leaves no row. */
export const insertChanges = (from: string): string => `
insert into changes (run_id, last, tenant, at, events, tasks)
select i.id, i.seq, i.tenant, ${fromMs('i.at')}, i.events, i.tasks from ${from} i where i.events is not null`;

/** Decisions, dead letters and checkpoints, with parameters from the given number on. */
export function rareParts(first: number): string {
  const opened = first;
  const closed = opened + openedDecisions.width;
  const dead = closed + closedDecisions.width;
  const driven = dead + deadLetters.width;
  const told = driven + redriven.width;
  const saved = told + redriveRecords.width;
  const unsaved = saved + checkpoints.width;
  return `
, opened_decisions as (
  insert into decisions (id, tenant, run_id, stage, kind, status, question, opened_at, expires_at, answer, comment, answered_by, answered_at)
  select i.id, i.tenant, i.run_id, i.stage, i.kind, i.status, i.question::jsonb, ${fromMs('i.opened_at')}, ${fromMs('i.expires_at')},
         i.answer::jsonb, i.comment, i.answered_by, ${fromMs('i.answered_at')}
    from ${openedDecisions.unnest(opened, 'i')}
   where ${isWritten}
)
, closed_decisions as (
  update decisions d
     set status = i.status, answer = i.answer::jsonb, comment = i.comment, answered_by = i.answered_by, answered_at = ${fromMs('i.answered_at')}
    from ${closedDecisions.unnest(closed, 'i')}
   where d.id = i.id and (d.run_id = i.run_id and d.status = 'open') is true and ${isWritten}
)
, new_dead_letters as (
  insert into dead_letters (id, tenant, run_id, pipeline, stage, agent, attempt, losses, input, error, at)
  select i.id, i.tenant, i.run_id, i.pipeline, i.stage, i.agent, i.attempt, i.losses, i.input::jsonb, i.error::jsonb, ${fromMs('i.at')}
    from ${deadLetters.unnest(dead, 'i')}
   where ${isWritten}
)
, redriven_dead_letters as (
  update dead_letters d
     set redriven_at = ${fromMs('i.at')}
    from ${redriven.unnest(driven, 'i')}
   where d.run_id = i.run_id and d.stage = i.stage and (d.redriven_at is null) is true and ${isWritten}
  returning d.id, d.tenant, d.run_id, d.stage
)
, redrive_records as (
  insert into audit_records (id, tenant, actor, action, target, details, correlation_id)
  select i.id, d.tenant, i.actor, i.action, d.id::text, i.details::jsonb, i.correlation_id
    from ${redriveRecords.unnest(told, 'i')}
   cross join lateral (select * from redriven_dead_letters l where l.run_id = i.run_id and l.stage = i.stage) as d
)
, saved_checkpoints as (
  insert into checkpoints (run_id, stage, tenant, state, fence)
  select i.run_id, i.stage, i.tenant, i.state::jsonb, i.fence
    from ${checkpoints.unnest(saved, 'i')}
   where ${isWritten}
  on conflict (run_id, stage) do update set state = excluded.state, fence = excluded.fence, at = excluded.at
)
, removed_checkpoints as (
  delete from checkpoints c using ${removedCheckpoints.unnest(unsaved, 'i')}
   where c.run_id = i.run_id and c.stage = i.stage and ${isWritten}
)`;
}
