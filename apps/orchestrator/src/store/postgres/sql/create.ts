import { newRuns } from './row-sets.ts';
import { fromMs, type Statement } from './statement.ts';
import { insertChanges, rareParts } from './write-parts.ts';

const RUNS = 1;

const insertRuns = `
  insert into runs (id, tenant, pipeline, version, status, seq, input, priority, correlation_id, traceparent, tracestate, concurrency, slot,
                    created_at, started_at, finished_at, deadline_at, due_at, dispatcher, batch, epoch, live, output, error, idempotency_key)
  select i.id, i.tenant, i.pipeline, i.version, i.status, i.seq, i.input, i.priority, i.correlation_id, i.traceparent, i.tracestate, i.concurrency, i.slot,
         ${fromMs('i.created_at')}, ${fromMs('i.started_at')}, ${fromMs('i.finished_at')}, ${fromMs('i.deadline_at')}, ${fromMs('i.due_at')},
         i.dispatcher, i.batch, i.epoch, i.live, i.output, i.error, i.idempotency_key
    from given i`;

const given = (rows: string): string => `
with given as materialized (select * from ${rows})`;
const many = given(newRuns.unnest(RUNS, 'i'));

const usual = (rows: string): string => `${rows}
, written as (${insertRuns}
)${insertChanges('given')}`;

/** Inserts runs without idempotency keys, all or none: a run that exists already is a unique violation. One round trip, one commit. */
export const create: Statement = { name: 'create', text: usual(many) };

/** `create` for one run, without the machinery of arrays. */
export const createOne: Statement = { name: 'create-one', text: usual(given(newRuns.row(RUNS, 'i'))) };

/**
 * Inserts runs with all that belongs to them and returns the ids of the new ones; of a run that exists already, or whose idempotency
 * key (one with a hash) was claimed before, nothing is written. One round trip, one commit. Keys are claimed in the order of their
 * names, so that two such statements never wait for each other in a circle.
 */
export const createFully: Statement = {
  name: 'create-fully',
  text: `${many}
, claimed as (
  insert into idempotency_keys (tenant, key, run_id, hash)
  select i.tenant, i.idempotency_key, i.id, i.hash from given i where i.hash is not null order by i.tenant, i.idempotency_key
  on conflict (tenant, key) do nothing
  returning run_id
)
, written as (${insertRuns}
   where i.hash is null or (i.id in (select run_id from claimed)) is true
  on conflict (id) do nothing
  returning id
)
, written_changes as (${insertChanges('given')} and (i.id in (select id from written)) is true
)${rareParts(RUNS + newRuns.width)}
select id from written`,
};
