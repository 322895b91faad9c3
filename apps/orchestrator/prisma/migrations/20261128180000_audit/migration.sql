-- What people, and the system itself, did that somebody may ask about later. Rows are only ever added: see the triggers. Chaining them
-- needs nothing of these rows but their values, so that it can come in a table of its own.
create table audit_records (
  id             uuid           primary key default gen_random_uuid(),
  tenant         text           not null,
  -- By the clock of the database.
  at             timestamptz(3) not null default now(),
  -- `key:<id>`, `jwt:<subject>`, `admin`, or `system`; never a secret.
  actor          text           not null,
  action         text           not null,
  -- What it was done to, by its id.
  target         text           not null,
  details        jsonb          not null default '{}',
  correlation_id text           not null,
  constraint audit_records_bounded check (
    length(actor) <= 1500 and length(action) <= 100 and length(target) <= 2500 and length(correlation_id) <= 1000
    and jsonb_typeof(details) = 'object' and octet_length(details::text) <= 16384
  )
);

create index audit_records_by_time on audit_records (tenant, at desc, id desc);
create index audit_records_by_action on audit_records (tenant, action, at desc, id desc);
create index audit_records_by_age on audit_records (at);

-- Only retention removes: it says in its transaction before which time, and younger records stay also then.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.at < nullif(current_setting('mainstay.audit_cut_off', true), '')::timestamptz then
    return old;
  end if;
  raise exception 'audit records are added, never changed or removed (% refused)', lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_records_stay before update or delete on audit_records for each row execute function refuse_audit_change();
create trigger audit_records_are_not_truncated before truncate on audit_records for each statement execute function refuse_audit_change();
alter table audit_records enable always trigger audit_records_stay;
alter table audit_records enable always trigger audit_records_are_not_truncated;
