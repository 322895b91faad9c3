import { newRuns } from './row-sets.ts';
import { fromMs, type Statement } from './statement.ts';
import { OWN, rareParts, usualParts } from './write-parts.ts';

const text = (rare: string): string => `
with written as (
  insert into runs (id, tenant, pipeline, version, status, seq, input, priority, correlation_id, traceparent, concurrency, slot,
                    created_at, started_at, finished_at, deadline_at, due_at, output, error)
  select n.id, n.tenant, n.pipeline, n.version, n.status, n.seq, n.input::jsonb, n.priority, n.correlation_id, n.traceparent, n.concurrency, n.slot,
         ${fromMs('n.created_at')}, ${fromMs('n.started_at')}, ${fromMs('n.finished_at')}, ${fromMs('n.deadline_at')}, ${fromMs('n.due_at')},
         n.output::jsonb, n.error::jsonb
    from ${newRuns.unnest(OWN, 'n')}
  on conflict (id) do nothing
  returning id
)${usualParts}${rare}
select id from written`;

/**
 * Inserts runs with all that belongs to them and returns the ids of the new ones; of a run that exists already nothing is
 * written. One round trip, one commit. `createFully` also writes decisions, dead letters and checkpoints.
 */
export const create: Statement = { name: 'create', text: text('') };
export const createFully: Statement = { name: 'create-fully', text: text(rareParts(OWN + newRuns.width)) };
