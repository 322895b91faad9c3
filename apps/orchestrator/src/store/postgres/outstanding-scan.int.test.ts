import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import type { Store } from '../store.ts';
import { change, dispatched, mark, newRun, running } from '../testing/changes.ts';
import { createAll } from '../testing/setup.ts';
import { Database } from './database.ts';
import { OutstandingScan } from './outstanding-scan.ts';
import { createPool } from './pool.ts';
import { createPostgresStore } from './postgres-store.ts';

describe('the scan of outstanding attempts', () => {
  let database: TestDatabase;
  let store: Store;
  let pool: ReturnType<typeof createPool>;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = createPostgresStore({ url: database.url });
    await store.start();
    const limits = { poolSize: 1, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000 };
    pool = createPool({ url: database.url, ...limits, onIdleError: () => undefined });
  });

  afterAll(async () => {
    await pool.end();
    await store.close();
    await database.drop();
  });

  test('looks at one page of runs per call and answers with the last full round', async () => {
    const scan = new OutstandingScan(new Database({ pool, onQuery: () => undefined }), 2);
    expect(await scan.read()).toEqual([]);
    const tasks = [[dispatched('a', 3_000)], [dispatched('a', 1_000), running('b')], [dispatched('a', 2_000, { agent: 'echo' })]];
    const runs = await createAll(
      store,
      tasks.map((tasks) => newRun({ tasks })),
    );
    expect(await scan.read()).toEqual([]);
    const all = [
      { agent: 'echo', dispatched: 1, running: 0, oldestAt: 2_000 },
      { agent: 'noop', dispatched: 2, running: 1, oldestAt: 1_000 },
    ];
    expect(await scan.read()).toEqual(all);
    await store.commit(
      runs.map((run) => change(run, { status: 'cancelled', finishedAt: 9 }, { removed: [...run.tasks.keys()] })),
      mark,
    );
    expect(await scan.read()).toEqual([]);
  });

  test('answers with what it has seen so far in its first round', async () => {
    const scan = new OutstandingScan(new Database({ pool, onQuery: () => undefined }), 1);
    await createAll(store, [newRun(), newRun()]);
    for (const counted of [1, 2, 2, 2, 2])
      expect(await scan.read()).toEqual([{ agent: 'noop', dispatched: counted, running: 0, oldestAt: 1_000 }]);
  });
});
