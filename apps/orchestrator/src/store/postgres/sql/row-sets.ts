import { RowSet } from './statement.ts';

/** Rows of the statements that write runs: see `create.ts` and `commit.ts`. Times are milliseconds since 1970. */
export const newRuns = new RowSet({
  id: 'uuid',
  tenant: 'text',
  pipeline: 'text',
  version: 'int',
  status: 'text',
  seq: 'int',
  input: 'text',
  priority: 'int',
  correlation_id: 'text',
  traceparent: 'text',
  concurrency: 'int',
  slot: 'bool',
  created_at: 'float8',
  started_at: 'float8',
  finished_at: 'float8',
  deadline_at: 'float8',
  due_at: 'float8',
  output: 'text',
  error: 'text',
});

export const changedRuns = new RowSet({
  id: 'uuid',
  expected: 'int',
  seq: 'int',
  status: 'text',
  started_at: 'float8',
  finished_at: 'float8',
  deadline_at: 'float8',
  due_at: 'float8',
  output: 'text',
  error: 'text',
  requeued: 'bool',
  releases: 'bool',
  takes: 'bool',
});

export const tasks = new RowSet({
  run_id: 'uuid',
  stage: 'text',
  tenant: 'text',
  status: 'text',
  agent: 'text',
  attempt: 'int',
  fence: 'int',
  dispatched_at: 'float8',
  fresh: 'bool',
  output: 'text',
  error: 'text',
  data: 'text',
});

export const events = new RowSet({ run_id: 'uuid', first: 'int', last: 'int', tenant: 'text', at: 'float8', events: 'text' });

// What most changes have none of.
export const removedTasks = new RowSet({ run_id: 'uuid', stage: 'text' });
export const checkpoints = new RowSet({ run_id: 'uuid', stage: 'text', tenant: 'text', state: 'text', fence: 'int' });
export const removedCheckpoints = new RowSet({ run_id: 'uuid', stage: 'text' });
export const redriven = new RowSet({ run_id: 'uuid', stage: 'text', at: 'float8' });

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
  attempt: 'int',
  losses: 'int',
  input: 'text',
  error: 'text',
  at: 'float8',
});
