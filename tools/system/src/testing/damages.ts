import type { InvariantCode } from '@mainstay/verify';
import type { RunNames } from './history.ts';

/** A way to break a database: SQL in which `:run` is the id of the run. */
export interface Damage {
  readonly name: string;
  readonly run: RunNames;
  readonly sql: string;
  readonly code: InvariantCode;
  /** Findings that follow from it besides. */
  readonly besides?: readonly InvariantCode[];
  /** The finding names no run. */
  readonly whole?: true;
}

/** The events of a change as JSON, changed and written back. */
const events = (where: string, by: string): string =>
  `update changes set events = (select jsonb_agg(${by} order by n)::text from jsonb_array_elements(events::jsonb) with ordinality as e(event, n)) where run_id = :run and ${where}`;
const taskOf = (column: 'live' | 'tasks', by: string): string =>
  `(select jsonb_agg(${by})::text from jsonb_array_elements(${column}::jsonb) as t(task))`;

export const DAMAGES: readonly Damage[] = [
  {
    name: 'a change is gone',
    run: 'chain',
    sql: 'delete from changes where run_id = :run and last = (select min(last) from changes where run_id = :run and last > 3)',
    code: 'EVENT_GAP',
    besides: ['OLD_FENCE', 'TASK_STATE', 'SUCCEEDED_WITHOUT', 'TASK_TRANSITION'],
  },
  {
    name: 'the last change is gone',
    run: 'chain',
    sql: 'delete from changes where run_id = :run and last = (select max(last) from changes where run_id = :run)',
    code: 'EVENT_GAP',
    besides: ['RUN_STATUS', 'SUCCEEDED_WITHOUT', 'OUTPUT_DIFFERS', 'TASK_STATE'],
  },
  {
    name: 'an event has another number',
    run: 'chain',
    sql: events(
      'last = (select max(last) from changes where run_id = :run)',
      `jsonb_set(event, '{seq}', to_jsonb((event ->> 'seq')::int + 1))`,
    ),
    code: 'EVENT_GAP',
  },
  {
    name: 'a task succeeded twice',
    run: 'chain',
    sql: `insert into changes (run_id, last, tenant, at, events, tasks) select run_id, last + 1, tenant, at, jsonb_build_array((select jsonb_set(e, '{seq}', to_jsonb(last + 1)) from jsonb_array_elements(events::jsonb) e where e ->> 'type' = 'task.succeeded'))::text, tasks from changes where run_id = :run order by last desc limit 1; update runs set seq = seq + 1 where id = :run`,
    code: 'TASK_SUCCEEDED_TWICE',
    besides: ['EVENT_ORDER'],
  },
  {
    name: 'an outcome has an old fence',
    run: 'repeated',
    sql: events(
      `events like '%task.succeeded%'`,
      `case when event ->> 'type' = 'task.succeeded' then jsonb_set(event, '{data,fence}', '1') else event end`,
    ),
    code: 'OLD_FENCE',
  },
  {
    name: 'a dispatch skips a fence',
    run: 'chain',
    sql: events(
      `events like '%task.dispatched%' and last = (select min(last) from changes where run_id = :run)`,
      `case when event ->> 'type' = 'task.dispatched' then jsonb_set(event, '{data,fence}', '2') else event end`,
    ),
    code: 'OLD_FENCE',
  },
  {
    name: 'a run has another status',
    run: 'chain',
    sql: `update runs set status = 'failed', error = '{}', output = null where id = :run`,
    code: 'RUN_STATUS',
  },
  { name: 'a finished run has no end time', run: 'chain', sql: 'update runs set finished_at = null where id = :run', code: 'FINAL_FIELDS' },
  { name: 'the output is gone', run: 'chain', sql: 'update runs set output = null where id = :run', code: 'FINAL_FIELDS' },
  {
    name: 'the output is another',
    run: 'chain',
    sql: `update runs set output = '{"c":{"attempt":9}}' where id = :run`,
    code: 'OUTPUT_DIFFERS',
  },
  { name: 'the output cannot be read', run: 'chain', sql: `update runs set output = '{"c"' where id = :run`, code: 'ROW_UNREADABLE' },
  {
    name: 'events cannot be read',
    run: 'chain',
    sql: `update changes set events = '[{"seq":"x"}]' where run_id = :run and last = (select max(last) from changes where run_id = :run)`,
    code: 'ROW_UNREADABLE',
    besides: ['EVENT_GAP', 'RUN_STATUS', 'TASK_STATE'],
  },
  {
    name: 'a finished run has an unfinished task',
    run: 'chain',
    sql: `update runs set live = '[{"stage":"c","status":"ready","attempt":1,"fence":1}]' where id = :run`,
    code: 'FINAL_UNFINISHED',
    besides: ['TASK_STATE', 'SUCCEEDED_WITHOUT', 'OUTPUT_DIFFERS'],
  },
  { name: 'a finished run is due', run: 'chain', sql: 'update runs set due_at = now() where id = :run', code: 'FINAL_UNFINISHED' },
  {
    name: 'a task of a suspended run is forgotten',
    run: 'paused',
    sql: 'update runs set live = null where id = :run',
    code: 'TASK_STATE',
    besides: ['CHECKPOINT_LEFT'],
  },
  {
    name: 'a task has a state that no event tells of',
    run: 'paused',
    sql: `update runs set live = ${taskOf('live', `jsonb_set(task, '{status}', '"waiting"')`)} where id = :run`,
    code: 'TASK_STATE',
    besides: ['DECISION_MISMATCH'],
  },
  {
    name: 'a task has another fence',
    run: 'paused',
    sql: `update runs set live = ${taskOf('live', `jsonb_set(task, '{fence}', '9')`)} where id = :run`,
    code: 'TASK_STATE',
  },
  {
    name: 'a task is of no stage',
    run: 'chain',
    sql: `update changes set tasks = '[{"stage":"zz","status":"skipped","attempt":0,"fence":0}]' where run_id = :run and last = 3`,
    code: 'TASK_UNKNOWN',
    besides: ['TASK_STATE'],
  },
  {
    name: 'a waiting run waits for nothing',
    run: 'asking',
    sql: `update runs set status = 'waiting' where id = :run; update changes set events = replace(events, 'run.suspended', 'run.waiting') where run_id = :run; delete from decisions where run_id = :run`,
    code: 'RUN_STUCK',
    besides: ['DECISION_MISMATCH'],
  },
  {
    name: 'a ready task has no due time',
    run: 'paused',
    sql: `update runs set status = 'running' where id = :run; update changes set events = replace(events, 'run.paused', 'run.woken') where run_id = :run`,
    code: 'RUN_STUCK',
  },
  {
    name: 'a dispatcher is noted without an attempt',
    run: 'paused',
    sql: `update runs set dispatcher = 'x', epoch = 'y' where id = :run`,
    code: 'OUTSTANDING_UNMARKED',
  },
  {
    name: 'an active run lost its slot',
    run: 'active',
    sql: `update runs set slot = false where id = :run; update slots set active = 0`,
    code: 'SLOT_WRONG',
  },
  {
    name: 'a finished run holds a slot',
    run: 'chain',
    sql: `update runs set slot = true where id = :run`,
    code: 'SLOT_WRONG',
    besides: ['SLOTS_MISCOUNTED'],
  },
  { name: 'slots are miscounted', run: 'active', sql: 'update slots set active = 7', code: 'SLOTS_MISCOUNTED', whole: true },
  { name: 'a dead letter is gone', run: 'died', sql: 'delete from dead_letters where run_id = :run', code: 'DEAD_LETTER_MISMATCH' },
  {
    name: 'a dead letter counts as redriven',
    run: 'died',
    sql: 'update dead_letters set redriven_at = now() where run_id = :run',
    code: 'DEAD_LETTER_MISMATCH',
  },
  {
    name: 'a redriven dead letter counts as not redriven',
    run: 'redriven',
    sql: 'update dead_letters set redriven_at = null where run_id = :run',
    code: 'DEAD_LETTER_MISMATCH',
  },
  {
    name: 'a dead letter has no event',
    run: 'chain',
    sql: `insert into dead_letters select gen_random_uuid(), tenant, id, pipeline, 'a', 'noop', 1, 0, '{}', '{}', now(), null from runs where id = :run`,
    code: 'DEAD_LETTER_MISMATCH',
  },
  {
    name: 'a question is closed without an answer',
    run: 'asking',
    sql: `update decisions set status = 'answered' where run_id = :run`,
    code: 'DECISION_MISMATCH',
  },
  {
    name: 'a question of nobody is open',
    run: 'paused',
    sql: `insert into decisions (id, tenant, run_id, stage, kind, status, question, opened_at) select gen_random_uuid(), tenant, id, 'b', 'question', 'open', '{}', now() from runs where id = :run`,
    code: 'DECISION_MISMATCH',
  },
  {
    name: 'a checkpoint of a task that succeeded',
    run: 'chain',
    sql: `insert into checkpoints (run_id, stage, tenant, state, fence) select id, 'a', tenant, '{}', 1 from runs where id = :run`,
    code: 'CHECKPOINT_LEFT',
  },
  { name: 'a key leads nowhere', run: 'keyed', sql: 'delete from idempotency_keys where run_id = :run', code: 'KEY_MISMATCH' },
  {
    name: 'events of another tenant',
    run: 'chain',
    sql: `update changes set tenant = 'other' where run_id = :run`,
    code: 'TENANT_DIFFERS',
  },
  {
    name: 'a version of the pipeline is gone',
    run: 'template',
    sql: `delete from pipelines where name = 'template'`,
    code: 'PIPELINE_MISSING',
  },
  { name: 'a run is gone', run: 'cancelled', sql: 'delete from runs where id = :run', code: 'ORPHAN' },
  {
    name: 'a transition that cannot be',
    run: 'chain',
    sql: events(
      'last = (select max(last) from changes where run_id = :run)',
      `case when event ->> 'type' = 'task.succeeded' then jsonb_set(jsonb_set(event, '{type}', '"task.skipped"'), '{task}', '"a"') else event end`,
    ),
    code: 'TASK_TRANSITION',
    besides: ['TASK_STATE'],
  },
  {
    name: 'an event after the end',
    run: 'chain',
    sql: `insert into changes (run_id, last, tenant, at, events) select id, seq + 1, tenant, now(), jsonb_build_array(jsonb_build_object('seq', seq + 1, 'at', 1, 'type', 'run.succeeded'))::text from runs where id = :run; update runs set seq = seq + 1 where id = :run`,
    code: 'EVENT_ORDER',
  },
  {
    name: 'a stage of a succeeded run did not run',
    run: 'chain',
    sql: `update pipelines set definition = jsonb_set(definition, '{stages,0,id}', '"zz"') where name = 'chain'`,
    code: 'SUCCEEDED_WITHOUT',
    besides: ['TASK_UNKNOWN', 'OUTPUT_DIFFERS'],
  },
];
