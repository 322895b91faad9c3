import { RowSet } from './row-set.ts';

// Rows of the statements that write runs: see `create.ts` and `commit.ts`. Times are milliseconds since 1970.

/** What changes of a run, and the row of its change: `at`, `events`, `tasks`. */
const state = {
  id: 'uuid',
  status: 'text',
  seq: 'int4',
  started_at: 'float8',
  finished_at: 'float8',
  deadline_at: 'float8',
  due_at: 'float8',
  dispatcher: 'text',
  batch: 'int8',
  epoch: 'text',
  live: 'text',
  output: 'text',
  error: 'text',
  at: 'float8',
  events: 'text',
  tasks: 'text',
} as const;

export const newRuns = new RowSet({
  ...state,
  tenant: 'text',
  pipeline: 'text',
  version: 'int4',
  input: 'text',
  priority: 'int4',
  correlation_id: 'text',
  traceparent: 'text',
  tracestate: 'text',
  concurrency: 'int4',
  slot: 'bool',
  created_at: 'float8',
  idempotency_key: 'text',
  hash: 'text',
});

export const changedRuns = new RowSet({ ...state, expected: 'int4', releases: 'bool' });

/** Of runs whose slots may change. */
export const slottedRuns = new RowSet({ ...state, expected: 'int4', releases: 'bool', requeued: 'bool', takes: 'bool' });

// What most changes have none of.
export const checkpoints = new RowSet({ run_id: 'uuid', stage: 'text', tenant: 'text', state: 'text', fence: 'int4' });
export const removedCheckpoints = new RowSet({ run_id: 'uuid', stage: 'text' });
export const redriven = new RowSet({ run_id: 'uuid', stage: 'text', at: 'float8' });

/** Of letters that are redriven: who told it. */
export const redriveRecords = new RowSet({
  run_id: 'uuid',
  stage: 'text',
  id: 'uuid',
  actor: 'text',
  action: 'text',
  details: 'text',
  correlation_id: 'text',
});

export const openedDecisions = new RowSet({
  id: 'uuid',
  tenant: 'text',
  run_id: 'uuid',
  stage: 'text',
  kind: 'text',
  status: 'text',
  question: 'text',
  opened_at: 'float8',
  expires_at: 'float8',
  answer: 'text',
  comment: 'text',
  answered_by: 'text',
  answered_at: 'float8',
});

export const closedDecisions = new RowSet({
  id: 'uuid',
  run_id: 'uuid',
  status: 'text',
  answer: 'text',
  comment: 'text',
  answered_by: 'text',
  answered_at: 'float8',
});

export const deadLetters = new RowSet({
  id: 'uuid',
  tenant: 'text',
  run_id: 'uuid',
  pipeline: 'text',
  stage: 'text',
  agent: 'text',
  attempt: 'int4',
  losses: 'int4',
  input: 'text',
  error: 'text',
  at: 'float8',
});
