import {
  checkpoints,
  closedDecisions,
  deadLetters,
  events,
  openedDecisions,
  redriven,
  removedCheckpoints,
  removedTasks,
  tasks,
} from './row-sets.ts';
import { fromMs } from './statement.ts';

// What `create` and `commit` have in common. Each part writes only for runs in the CTE `written`. The condition
// `(x in (select …)) is true` is not turned into a join by the planner: it is one look-up in a hash table per row. Elsewhere
// `(…) is true` keeps a condition from choosing an index, so that it is the key that does, also while tables are empty.
const isWritten = '(i.run_id in (select id from written)) is true';

/** Parameters 1 … 3 are orchestrator, batch and epoch. */
const TASKS = 4;
const EVENTS = TASKS + tasks.width;
/** First parameter of the statement's own rows. */
export const OWN = EVENTS + events.width;

/** Tasks and events: what nearly every change has. A task that was not dispatched by this change keeps its dispatcher. */
export const usualParts = `
, written_tasks as (
  insert into tasks as t (run_id, stage, tenant, status, agent, attempt, fence, dispatched_at, dispatcher, batch, epoch, output, error, data)
  select i.run_id, i.stage, i.tenant, i.status, i.agent, i.attempt, i.fence, ${fromMs('i.dispatched_at')},
         case when i.fresh then $1::text end, case when i.fresh then $2::bigint end, case when i.fresh then $3::text end,
         i.output::jsonb, i.error::jsonb, i.data::jsonb
    from ${tasks.unnest(TASKS, 'i')}
   where ${isWritten}
  on conflict (run_id, stage) do update
    set status = excluded.status, agent = excluded.agent, attempt = excluded.attempt, fence = excluded.fence,
        dispatched_at = excluded.dispatched_at, output = excluded.output, error = excluded.error, data = excluded.data,
        dispatcher = coalesce(excluded.dispatcher, t.dispatcher), batch = coalesce(excluded.batch, t.batch),
        epoch = coalesce(excluded.epoch, t.epoch)
)
, written_events as (
  insert into events (run_id, first, last, tenant, at, events)
  select i.run_id, i.first, i.last, i.tenant, ${fromMs('i.at')}, i.events::jsonb
    from ${events.unnest(EVENTS, 'i')}
   where ${isWritten}
)`;

/** Decisions, dead letters, checkpoints and removals, with parameters from the given number on. */
export function rareParts(first: number): string {
  const opened = first;
  const closed = opened + openedDecisions.width;
  const dead = closed + closedDecisions.width;
  const driven = dead + deadLetters.width;
  const saved = driven + redriven.width;
  const unsaved = saved + checkpoints.width;
  const removed = unsaved + removedCheckpoints.width;
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
)
, removed_tasks as (
  delete from tasks t using ${removedTasks.unnest(removed, 'i')}
   where t.run_id = i.run_id and t.stage = i.stage and ${isWritten}
)`;
}
