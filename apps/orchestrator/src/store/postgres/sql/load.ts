import { type Statement, toMs } from './statement.ts';

/** One shape for the rows of three tables, so that a run comes whole in one statement, of one snapshot. JSON comes as text. */
export interface LoadRow {
  readonly kind: 'run' | 'task' | 'decision';
  readonly run_id: string;
  /** Tenant; stage; decision's id. */
  readonly a: string;
  /** Pipeline; agent; stage. */
  readonly b: string;
  /** Status; status; kind. */
  readonly c: string;
  /** Correlation id. */
  readonly d: string | null;
  /** Traceparent. */
  readonly e: string | null;
  /** Version; attempt. */
  readonly n1: number | null;
  /** Number of the last event; fence. */
  readonly n2: number | null;
  /** Priority. */
  readonly n3: number | null;
  readonly slot: boolean | null;
  /** Created; dispatched; opened. */
  readonly t1: number | null;
  /** Started; expires (decision). */
  readonly t2: number | null;
  readonly t3: number | null;
  readonly t4: number | null;
  /** Input; data; question. */
  readonly j1: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly checkpoint: string | null;
}

const text = (ofRun: string, ofOthers: string): string => `
select 'run' as kind, r.id as run_id, r.tenant as a, r.pipeline as b, r.status as c, r.correlation_id as d, r.traceparent as e,
       r.version as n1, r.seq as n2, r.priority::int as n3, r.slot,
       ${toMs('r.created_at')} as t1, ${toMs('r.started_at')} as t2, ${toMs('r.finished_at')} as t3, ${toMs('r.deadline_at')} as t4,
       r.input as j1, r.output, r.error, null::jsonb as checkpoint
  from runs r where r.id = any($1::uuid[])${ofRun}
union all
select 'task', t.run_id, t.stage, t.agent, t.status, null, null, t.attempt, t.fence, null, null,
       ${toMs('t.dispatched_at')}, null, null, null, t.data, t.output, t.error, c.state
  from tasks t left join checkpoints c on c.run_id = t.run_id and c.stage = t.stage
 where t.run_id = any($1::uuid[])${ofOthers.replaceAll('%', 't')}
union all
select 'decision', d.run_id, d.id::text, d.stage, d.kind, null, null, null, null, null, null,
       ${toMs('d.opened_at')}, ${toMs('d.expires_at')}, null, null, d.question, null, null, null
  from decisions d where d.run_id = any($1::uuid[]) and (d.status = 'open') is true${ofOthers.replaceAll('%', 'd')}`;

/** Whole runs by id, of any tenant: one snapshot, so that tasks and events fit together. $1 ids. */
export const load: Statement = { name: 'load', text: text('', '') };

/** The same of one tenant. $2 tenant. `is true` leaves the choice of the index to the ids. */
export const loadOwn: Statement = { name: 'load-own', text: text(' and (r.tenant = $2) is true', ' and (%.tenant = $2) is true') };
