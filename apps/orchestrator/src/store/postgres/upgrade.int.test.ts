import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import { uuidv7 } from '@mainstay/types';
import pg from 'pg';
import { failure, mark, newRun } from '../testing/changes.ts';
import { stored } from '../testing/setup.ts';
import type { Store } from '../store.ts';
import { migrate, readMigrations } from './migrate.ts';
import { createPostgresStore } from './postgres-store.ts';

const [live, over, bare] = [uuidv7(), uuidv7(), uuidv7()];

describe('a database of the first schema', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await migrate({ url: database.url, connectTimeoutMs: 5_000, migrations: (await readMigrations()).slice(0, 1) });
    await client.query(FILL);
    store = createPostgresStore({ url: database.url });
    await store.start();
  });

  afterAll(async () => {
    await store.close();
    await client.end();
    await database.drop();
  });

  test('is brought up to date with its runs whole', async () => {
    const run = await stored(store, live);
    expect(run).toMatchObject({ status: 'running', seq: 4, input: { text: 'a\0b' }, startedAt: 600 });
    expect(Object.fromEntries(run.tasks)).toEqual({
      a: { ...BASE, stage: 'a', status: 'succeeded', output: null, finishedAt: 7, degraded: false },
      b: { ...BASE, stage: 'b', status: 'running', dispatchedAt: 1_234, worker: 'w', checkpoint: { at: 1 }, error: failure },
      c: { ...BASE, stage: 'c', status: 'dispatched', dispatchedAt: 1_500 },
      d: { ...BASE, stage: 'd', status: 'ready', dueAt: 9 },
    });
    const ended = await stored(store, over);
    expect(ended).toMatchObject({ status: 'failed', output: [1], error: failure, finishedAt: 5_000 });
    expect([...ended.tasks.values()]).toEqual([{ ...BASE, stage: 'a', status: 'dead', error: failure, finishedAt: 8 }]);
    expect((await stored(store, bare)).tasks.size).toBe(0);
  });

  test('answers what the sweeper asks', async () => {
    expect(await store.unpublished(['o-2'], 10)).toEqual([{ run: live, task: 'c', fence: 1 }]);
    expect(await store.ofOtherEpochs('e-2', 10)).toEqual([{ run: live, task: 'b', fence: 1 }]);
    expect(await store.outstanding()).toEqual([{ agent: 'noop', dispatched: 1, running: 1, oldestAt: 1_500 }]);
    expect(await store.dispatchedBefore('noop', 1_300, 10)).toEqual([{ run: live, task: 'b', fence: 1 }]);
  });

  test('has its events, ends and idempotency keys', async () => {
    expect(await store.events('tenant-1', live, 0, 10)).toEqual([1, 2, 3, 4].map((seq) => ({ seq, at: 1, type: 'run.created' })));
    expect(await store.ended('tenant-1', 0, undefined, 10)).toEqual([{ run: over, status: 'failed', at: 5_000 }]);
    const again = newRun({ idempotency: { key: 'key', hash: 'hash' } });
    expect(await store.create([again], mark)).toEqual([{ status: 'repeated', run: over, runStatus: 'failed' }]);
    expect(await store.purge(6_000, 10)).toBe(1);
    expect(await store.create([again], mark)).toMatchObject([{ status: 'created' }]);
  });

  test('shows tasks to people one by one', async () => {
    const { rows } = await client.query(
      'select stage, status, agent, fence, dispatched_at, output from run_tasks where run_id = $1 order by stage',
      [live],
    );
    expect(rows).toEqual([
      { stage: 'a', status: 'succeeded', agent: 'noop', fence: 1, dispatched_at: null, output: null },
      { stage: 'b', status: 'running', agent: 'noop', fence: 1, dispatched_at: new Date(1_234), output: null },
      { stage: 'c', status: 'dispatched', agent: 'noop', fence: 1, dispatched_at: new Date(1_500), output: null },
      { stage: 'd', status: 'ready', agent: 'noop', fence: 1, dispatched_at: null, output: null },
    ]);
  });
});

const BASE = { agent: 'noop', fallback: 0, attempt: 1, fence: 1, failures: 0, losses: 0, rounds: 0, answers: [] };
const DATA = { fallback: 0, failures: 0, losses: 0, rounds: 0, answers: [] };

function sql(value: unknown): string {
  return `'${JSON.stringify(value)}'`;
}

const RUN_COLUMNS =
  'id, tenant, pipeline, version, status, seq, input, priority, correlation_id, traceparent, created_at, started_at, finished_at, output, error';
const FILL = `
insert into runs (${RUN_COLUMNS}) values
  ('${live}', 'tenant-1', 'p', 1, 'running', 4, ${sql({ text: 'a\uf8ff0000b' })}, 0, 'c', 't', to_timestamp(0.5), to_timestamp(0.6), null, null, null),
  ('${over}', 'tenant-1', 'p', 1, 'failed', 2, '1', 0, 'c', 't', to_timestamp(0.5), to_timestamp(0.6), to_timestamp(5), '[1]', ${sql(failure)}),
  ('${bare}', 'tenant-1', 'p', 1, 'queued', 1, '1', 0, 'c', 't', to_timestamp(0.5), null, null, null, null);
insert into tasks (run_id, stage, tenant, status, agent, attempt, fence, dispatched_at, dispatcher, batch, epoch, output, error, data) values
  ('${live}', 'a', 'tenant-1', 'succeeded', 'noop', 1, 1, null, 'o-1', 1, 'e-1', 'null', null, ${sql({ ...DATA, finishedAt: 7, degraded: false })}),
  ('${live}', 'b', 'tenant-1', 'running', 'noop', 1, 1, to_timestamp(1.234), 'o-1', 2, 'e-1', null, ${sql(failure)}, ${sql({ ...DATA, worker: 'w' })}),
  ('${live}', 'c', 'tenant-1', 'dispatched', 'noop', 1, 1, to_timestamp(1.5), 'o-2', 3, 'e-2', null, null, ${sql(DATA)}),
  ('${live}', 'd', 'tenant-1', 'ready', 'noop', 1, 1, null, null, null, null, null, null, ${sql({ ...DATA, dueAt: 9 })}),
  ('${over}', 'a', 'tenant-1', 'dead', 'noop', 1, 1, null, 'o-1', 1, 'e-1', null, ${sql(failure)}, ${sql({ ...DATA, finishedAt: 8 })});
insert into checkpoints (run_id, stage, tenant, state, fence) values ('${live}', 'b', 'tenant-1', '{"at":1}', 1);
insert into events (run_id, first, last, tenant, at, events) values
  ('${live}', 1, 3, 'tenant-1', now(), ${sql([1, 2, 3].map((seq) => ({ seq, at: 1, type: 'run.created' })))}),
  ('${live}', 4, 4, 'tenant-1', now(), ${sql([{ seq: 4, at: 1, type: 'run.created' }])}),
  ('${over}', 1, 2, 'tenant-1', now(), ${sql([])}),
  ('${bare}', 1, 1, 'tenant-1', now(), ${sql([])});
insert into idempotency_keys (tenant, key, run_id, hash) values ('tenant-1', 'key', '${over}', 'hash')`;
