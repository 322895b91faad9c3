import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { PLANNING } from './pool.ts';
import { commit, commitOne, commitRare, commitSlots } from './sql/commit.ts';
import { create, createFully, createOne } from './sql/create.ts';
import { readEvents } from './sql/events.ts';
import { load, loadOwn } from './sql/load.ts';
import { newestVersion } from './sql/pipelines.ts';
import { admit, findWaiting } from './sql/slots.ts';
import type { Statement } from './sql/statement.ts';
import { ended, endedAround, history, purge } from './sql/retention.ts';
import * as sweep from './sql/sweep.ts';

const FINISHED_RUNS = 20_000;

/** Statement, and the indexes that it must go by. */
const EXPECTED: readonly (readonly [Statement, readonly string[]])[] = [
  [commit, ['runs_pkey']],
  [commitOne, ['runs_pkey']],
  [commitRare, ['runs_pkey', 'decisions_pkey', 'dead_letters_by_run', 'checkpoints_pkey']],
  [commitSlots, ['runs_pkey', 'slots_pkey', 'decisions_pkey', 'dead_letters_by_run', 'checkpoints_pkey']],
  [create, []],
  [createOne, []],
  [createFully, ['dead_letters_by_run']],
  [load, ['runs_pkey', 'changes_pkey', 'decisions_by_run', 'checkpoints_pkey']],
  [loadOwn, ['runs_pkey', 'changes_pkey', 'decisions_by_run', 'checkpoints_pkey']],
  [readEvents, ['runs_pkey', 'changes_pkey']],
  [newestVersion, ['pipelines_pkey']],
  [ended, ['runs_ended']],
  [endedAround, ['runs_ended', 'orchestrators_pkey']],
  [
    purge,
    ['runs_ended', 'runs_pkey', 'changes_pkey', 'decisions_by_run', 'dead_letters_by_run', 'checkpoints_pkey', 'idempotency_keys_pkey'],
  ],
  [history, ['runs_ended']],
  [admit, ['runs_queued', 'runs_queued_unlimited', 'runs_pkey', 'slots_pkey']],
  [findWaiting, ['runs_queued']],
  [sweep.due, ['runs_due']],
  [sweep.suspended, ['runs_suspended']],
  [sweep.active, ['runs_unfinished']],
  [sweep.progress, ['runs_unfinished', 'changes_pkey', 'decisions_by_run']],
  [sweep.unpublished, ['runs_unfinished']],
  [sweep.ofOtherEpochs, ['runs_outstanding']],
  [sweep.dispatchedBefore, ['runs_unfinished']],
  [sweep.outstanding, ['runs_unfinished']],
];

describe('statements of the hot path', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ url: database.url, connectTimeoutMs: 5_000 });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(PLANNING);
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const plansOf = async (statement: Statement): Promise<string> => {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${statement.text}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  const expectIndexes = async ([statement, indexes]: (typeof EXPECTED)[number]): Promise<void> => {
    const plan = await plansOf(statement);
    expect(plan).not.toMatch(/Seq Scan on (runs|changes|checkpoints|decisions|dead_letters|slots)|Hash Join|Merge Join/);
    for (const index of indexes) expect(plan).toMatch(new RegExp(`${index}\\b`));
  };

  test.each(EXPECTED.map((expected) => [expected[0].name, expected] as const))(
    '%s goes by its indexes while the tables are new',
    async (_, expected) => {
      await expectIndexes(expected);
    },
  );

  describe(`beside ${String(FINISHED_RUNS)} finished runs`, () => {
    beforeAll(async () => {
      await client.query(FILL);
    }, 60_000);

    test.each(EXPECTED.map((expected) => [expected[0].name, expected] as const))('%s goes by its indexes', async (_, expected) => {
      await expectIndexes(expected);
    });

    test.each([
      [sweep.due, 20],
      [sweep.suspended, 20],
      [sweep.outstanding, 20],
      [history, 2_000],
    ] as const)('$0.name reads a handful of pages', async ({ text }, most) => {
      const whole = text.replaceAll('$1', text === sweep.outstanding.text ? 'null' : '100').replaceAll('$2', '100');
      const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: Record<string, number> }[] }>(
        `explain (analyze, buffers, format json) ${whole}`,
      );
      const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
      expect((plan?.['Shared Hit Blocks'] ?? Infinity) + (plan?.['Shared Read Blocks'] ?? Infinity)).toBeLessThan(most);
    });
  });
});

const FILL = `
insert into runs (id, tenant, pipeline, version, status, seq, input, priority, correlation_id, traceparent, created_at, finished_at)
select gen_random_uuid(), 'tenant-1', 'review', 1, 'succeeded', 4, '{}', 0, '', '', now(), now() from generate_series(1, ${String(FINISHED_RUNS)});
insert into changes (run_id, last, tenant, at, events) select id, 4, tenant, now(), '[]' from runs;
insert into slots (tenant, pipeline, active, capacity) values ('tenant-1', 'review', 0, 5);
analyze`;
