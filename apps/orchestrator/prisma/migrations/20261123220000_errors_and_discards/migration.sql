-- Errors in groups: failed attempts under the tenant of their runs, the orchestrators' own under that of the operator.
create table error_groups (
  tenant         text             not null,
  fingerprint    text             not null,
  code           text             not null,
  name           text             not null,
  -- The message without what differs between occurrences.
  title          text             not null,
  -- open, resolved, ignored
  status         text             not null default 'open',
  first_seen_at  timestamptz(3)   not null,
  last_seen_at   timestamptz(3)   not null,
  count          bigint           not null,
  -- Occurrences per minute at `rated_at`; what lies back counts less and less.
  rate           double precision not null,
  rated_at       timestamptz(3)   not null default now(),
  -- The newest first.
  runs           text[]           not null,
  runs_truncated boolean          not null,
  message        text             not null,
  stack          text,
  -- When and by whom the status was set last.
  marked_at      timestamptz(3),
  marked_by      text,
  primary key (tenant, fingerprint)
) with (fillfactor = 70);

create index error_groups_by_time on error_groups (tenant, last_seen_at desc, fingerprint desc);
create index error_groups_by_age on error_groups (last_seen_at);

-- The last hand-over of each process that was added to the groups: one that comes again is not added twice.
create table error_flushes (
  source   text           primary key,
  sequence bigint         not null,
  at       timestamptz(3) not null default now()
);

-- A dead letter that somebody gave up: when, who and why.
alter table dead_letters
  add column discarded_at   timestamptz(3),
  add column discarded_by   text,
  add column discard_reason text;
