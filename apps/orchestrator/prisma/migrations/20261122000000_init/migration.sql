-- Everything that is true. All times are the database's; `tenant` is on every row that belongs to one.
-- Tables of the hot path have no foreign keys: their rows are written by one statement that checks the run first.

create table pipelines (
  tenant     text           not null,
  name       text           not null,
  version    integer        not null,
  definition jsonb          not null,
  hash       text           not null,
  created_at timestamptz(3) not null default now(),
  primary key (tenant, name, version)
);

create table runs (
  id             uuid           primary key,
  tenant         text           not null,
  pipeline       text           not null,
  version        integer        not null,
  status         text           not null,
  -- Number of the last event; a write names the one that it builds upon.
  seq            integer        not null,
  input          jsonb          not null,
  priority       smallint       not null,
  correlation_id text           not null,
  traceparent    text           not null,
  -- Limit of the pipeline's version; null: unlimited.
  concurrency    integer,
  slot           boolean        not null default false,
  -- Queued, and given its slot: waits for an orchestrator to start it.
  admitted       boolean        not null default false,
  created_at     timestamptz(3) not null,
  started_at     timestamptz(3),
  finished_at    timestamptz(3),
  deadline_at    timestamptz(3),
  due_at         timestamptz(3),
  output         jsonb,
  error          jsonb
) with (fillfactor = 80);

-- Listings, newest first.
create index runs_by_tenant on runs (tenant, id desc);
create index runs_by_status on runs (tenant, status, id desc);
create index runs_by_pipeline on runs (tenant, pipeline, id desc);
-- Unfinished work only: these stay small however many runs there were.
create index runs_due on runs (due_at, id) where due_at is not null;
create index runs_queued on runs (tenant, pipeline, priority desc, created_at, id) where status = 'queued' and not admitted;
create index runs_queued_unlimited on runs (priority desc, created_at, id) where status = 'queued' and not admitted and concurrency is null;
create index runs_suspended on runs (id) where status = 'suspended';
create index runs_active on runs (id) where status in ('running', 'waiting');
create index runs_slots on runs (tenant, pipeline) where slot;

create table tasks (
  run_id        uuid     not null,
  stage         text     not null,
  tenant        text     not null,
  status        text     not null,
  agent         text     not null,
  attempt       integer  not null,
  fence         integer  not null,
  dispatched_at timestamptz(3),
  -- Who dispatched the last attempt, in which of its batches, under which epoch of the transport.
  dispatcher    text,
  batch         bigint,
  epoch         text,
  output        jsonb,
  error         jsonb,
  -- What is never asked for by itself: counters, answers, what the state adds.
  data          jsonb    not null,
  primary key (run_id, stage)
) with (fillfactor = 70);

create index tasks_unpublished on tasks (dispatcher, batch) where status = 'dispatched';
-- Conditions that only the index's own questions imply, so that no other question goes by it.
create index tasks_by_epoch on tasks (epoch) where status in ('dispatched', 'running') and epoch is not null;
create index tasks_by_agent on tasks (agent, dispatched_at) include (status)
  where status in ('dispatched', 'running') and dispatched_at is not null;

-- One row per change of a run, with all of its events.
create table events (
  run_id uuid           not null,
  first  integer        not null,
  last   integer        not null,
  tenant text           not null,
  at     timestamptz(3) not null,
  events jsonb          not null,
  primary key (run_id, last)
);

-- One row per event, for people.
create view run_events as
  select e.run_id, e.tenant,
         (event ->> 'seq')::integer as seq,
         to_timestamp((event ->> 'at')::numeric / 1000) as at,
         event ->> 'type' as type,
         event ->> 'task' as task,
         event -> 'data' as data
    from events e cross join lateral jsonb_array_elements(e.events) as event;

create table checkpoints (
  run_id uuid           not null,
  stage  text           not null,
  tenant text           not null,
  state  jsonb          not null,
  fence  integer        not null,
  at     timestamptz(3) not null default now(),
  primary key (run_id, stage)
) with (fillfactor = 70);

create table decisions (
  id          uuid           primary key,
  tenant      text           not null,
  run_id      uuid           not null,
  stage       text           not null,
  kind        text           not null,
  -- open, answered; withdrawn: the run or the task ended without an answer.
  status      text           not null,
  question    jsonb          not null,
  opened_at   timestamptz(3) not null,
  expires_at  timestamptz(3),
  answer      jsonb,
  comment     text,
  answered_by text,
  answered_at timestamptz(3)
);

create index decisions_by_tenant on decisions (tenant, status, id desc);
create index decisions_by_run on decisions (run_id);

create table dead_letters (
  id          uuid           primary key,
  tenant      text           not null,
  run_id      uuid           not null,
  pipeline    text           not null,
  stage       text           not null,
  agent       text           not null,
  attempt     integer        not null,
  losses      integer        not null,
  input       jsonb          not null,
  error       jsonb          not null,
  at          timestamptz(3) not null,
  redriven_at timestamptz(3)
);

create index dead_letters_by_tenant on dead_letters (tenant, id desc);
create index dead_letters_by_run on dead_letters (run_id, stage);

create table idempotency_keys (
  tenant     text           not null,
  key        text           not null,
  run_id     uuid           not null,
  hash       text           not null,
  created_at timestamptz(3) not null default now(),
  primary key (tenant, key)
);

create table api_keys (
  id         uuid           primary key,
  tenant     text           not null,
  name       text           not null,
  scopes     text[]         not null,
  prefix     text           not null,
  hash       text           not null unique,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  revoked_at timestamptz(3)
);

create index api_keys_by_tenant on api_keys (tenant, id desc);

-- Runs of a limited pipeline that are active now. `capacity`: the greatest limit of any of its runs.
create table slots (
  tenant   text    not null,
  pipeline text    not null,
  active   integer not null default 0,
  capacity integer not null,
  primary key (tenant, pipeline)
) with (fillfactor = 50);

create table orchestrators (
  name      text           primary key,
  published bigint         not null,
  seen_at   timestamptz(3) not null default now()
) with (fillfactor = 50);

create table agent_kinds (
  kind       text           primary key,
  learned_at timestamptz(3) not null default now()
);

create table settings (
  key   text primary key,
  value text not null
);
