-- Task states leave the table of their own: those of unfinished tasks are a document in the run's row, the others lie with the change
-- that made them final. So a step of a run is one update, which touches no index, and one insert.

-- JSON that is written often and asked for by nobody within the database is plain text: nothing is parsed at a write.
drop view run_events;
drop index runs_active;

alter table runs
  -- Of outstanding (dispatched or running) attempts: who dispatched them, in which of its batches (the last), under which epoch of the
  -- transport. '' where they differ, then each has it by itself (`sent`); null: there are none.
  add column dispatcher      text,
  add column batch           bigint,
  add column epoch           text,
  -- States of the unfinished tasks: a JSON array; null: there are none.
  add column live            text,
  add column idempotency_key text;

with unfinished as (
  select run_id,
         json_agg(data || jsonb_build_object('stage', stage, 'agent', agent, 'status', status, 'attempt', attempt, 'fence', fence)
                  || case when dispatched_at is null then '{}' else jsonb_build_object('dispatchedAt', (extract(epoch from dispatched_at) * 1000)::bigint) end
                  || case when output is null then '{}' else jsonb_build_object('output', output) end
                  || case when error is null then '{}' else jsonb_build_object('error', error) end
                  || case when status in ('dispatched', 'running') then jsonb_build_object('sent', jsonb_build_array(dispatcher, batch, epoch)) else '{}' end
                  order by stage)::text as live,
         bool_or(status in ('dispatched', 'running')) as outstanding
    from tasks where status in ('ready', 'dispatched', 'running', 'waiting') group by run_id
)
update runs r
   set live = u.live, dispatcher = case when u.outstanding then '' end, epoch = case when u.outstanding then '' end
  from unfinished u where u.run_id = r.id;

update runs r set idempotency_key = k.key from idempotency_keys k where k.run_id = r.id and k.tenant = r.tenant;

alter table runs
  alter column input type text using input::text,
  alter column output type text using output::text,
  alter column error type text using error::text,
  set (fillfactor = 70);

create index runs_unfinished on runs (id) where status in ('running', 'waiting', 'paused', 'suspended');
create index runs_outstanding on runs (epoch) where epoch is not null;
create index runs_ended on runs (tenant, finished_at, id) where finished_at is not null;

alter table events rename to changes;
alter table changes rename constraint events_pkey to changes_pkey;
alter table changes
  drop column first,
  -- Tasks that are final since this change, with outputs and errors, and the names of stages that are pending again: a JSON array.
  add column tasks text,
  alter column events type text using events::text;

with final as (
  select t.run_id,
         json_agg(data || jsonb_build_object('stage', stage, 'agent', agent, 'status', t.status, 'attempt', attempt, 'fence', fence)
                  || case when t.dispatched_at is null then '{}' else jsonb_build_object('dispatchedAt', (extract(epoch from t.dispatched_at) * 1000)::bigint) end
                  || case when t.output is null then '{}' else jsonb_build_object('output', t.output) end
                  || case when t.error is null then '{}' else jsonb_build_object('error', t.error) end
                  order by stage)::text as tasks
    from tasks t where t.status not in ('ready', 'dispatched', 'running', 'waiting') group by t.run_id
)
update changes c set tasks = f.tasks from final f join runs r on r.id = f.run_id where c.run_id = f.run_id and c.last = r.seq;

drop table tasks;

-- Large values are compressed faster by lz4, where the server was built with it.
do $$
begin
  alter table runs alter column input set compression lz4, alter column live set compression lz4, alter column output set compression lz4;
  alter table changes alter column events set compression lz4, alter column tasks set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
  null;
end
$$;

-- One row per event, for people.
create view run_events as
  select c.run_id, c.tenant,
         (event ->> 'seq')::integer as seq,
         to_timestamp((event ->> 'at')::numeric / 1000) as at,
         event ->> 'type' as type,
         event ->> 'task' as task,
         event -> 'data' as data
    from changes c cross join lateral jsonb_array_elements(c.events::jsonb) as event;

-- One row per task, for people; ask for a run.
create view run_tasks as
  select run_id, tenant, stage, state ->> 'status' as status, state ->> 'agent' as agent,
         (state ->> 'attempt')::integer as attempt, (state ->> 'fence')::integer as fence,
         to_timestamp((state ->> 'dispatchedAt')::numeric / 1000) as dispatched_at,
         to_timestamp((state ->> 'finishedAt')::numeric / 1000) as finished_at,
         state -> 'output' as output, state -> 'error' as error, state
    from (
      select distinct on (run_id, stage) run_id, stage, tenant, state
        from (
          select r.id as run_id, r.tenant, 2147483647 as last, state ->> 'stage' as stage, state
            from runs r cross join lateral jsonb_array_elements(r.live::jsonb) as state
          union all
          select c.run_id, c.tenant, c.last, coalesce(state ->> 'stage', state #>> '{}'), state
            from changes c cross join lateral jsonb_array_elements(c.tasks::jsonb) as state
        ) as every
       order by run_id, stage, last desc
    ) as newest
   where jsonb_typeof(state) = 'object';
