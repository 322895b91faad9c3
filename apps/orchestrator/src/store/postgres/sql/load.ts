import { type Statement, toMs } from './statement.ts';

/** One shape for the rows of four tables, so that a run comes whole in one statement, of one snapshot. JSON comes as text. */
export interface LoadRow {
  readonly kind: 'run' | 'change' | 'decision' | 'checkpoint';
  readonly run_id: string;
  /** Tenant; -; decision's id; stage. */
  readonly a: string;
  /** Pipeline; -; stage. */
  readonly b: string;
  /** Status; -; kind. */
  readonly c: string;
  /** Correlation id. */
  readonly d: string | null;
  /** Traceparent. */
  readonly e: string | null;
  /** Version; number of the change. */
  readonly n1: number | null;
  /** Number of the last event. */
  readonly n2: number | null;
  /** Priority. */
  readonly n3: number | null;
  readonly slot: boolean | null;
  /** Created; -; opened. */
  readonly t1: number | null;
  /** Started; -; expires. */
  readonly t2: number | null;
  readonly t3: number | null;
  readonly t4: number | null;
  /** Input; tasks; question; state. */
  readonly j1: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly tracestate: string | null;
  /** Unfinished tasks. */
  readonly live: string | null;
  /** Dispatcher, batch and epoch. */
  readonly sent: string | null;
}

const text = (ofRun: string, ofOthers: string): string => `
select 'run' as kind, r.id as run_id, r.tenant as a, r.pipeline as b, r.status as c, r.correlation_id as d, r.traceparent as e,
       r.version as n1, r.seq as n2, r.priority::int as n3, r.slot,
       ${toMs('r.created_at')} as t1, ${toMs('r.started_at')} as t2, ${toMs('r.finished_at')} as t3, ${toMs('r.deadline_at')} as t4,
       r.input as j1, r.output, r.error, r.tracestate, r.live,
       case when r.epoch is not null then json_build_array(r.dispatcher, r.batch, r.epoch)::text end as sent
  from runs r where r.id = any($1::uuid[])${ofRun}
union all
select 'change', c.run_id, null, null, null, null, null, c.last, null, null, null, null, null, null, null, c.tasks, null, null, null, null, null
  from changes c where c.run_id = any($1::uuid[]) and (c.tasks is not null) is true${ofOthers.replaceAll('%', 'c')}
union all
select 'decision', d.run_id, d.id::text, d.stage, d.kind, null, null, null, null, null, null,
       ${toMs('d.opened_at')}, ${toMs('d.expires_at')}, null, null, d.question::text, null, null, null, null, null
  from decisions d where d.run_id = any($1::uuid[]) and (d.status = 'open') is true${ofOthers.replaceAll('%', 'd')}
union all
select 'checkpoint', p.run_id, p.stage, null, null, null, null, null, null, null, null, null, null, null, null, p.state::text, null, null, null, null, null
  from checkpoints p where p.run_id = any($1::uuid[])${ofOthers.replaceAll('%', 'p')}`;

/** Whole runs by id, of any tenant: one snapshot, so that tasks and events fit together. $1 ids. */
export const load: Statement = { name: 'load', text: text('', '') };

/** The same of one tenant. $2 tenant. `is true` leaves the choice of the index to the ids. */
export const loadOwn: Statement = { name: 'load-own', text: text(' and (r.tenant = $2) is true', ' and (%.tenant = $2) is true') };
