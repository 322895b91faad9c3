import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@mainstay/observability';
import { createTestDatabase } from '@mainstay/services';
import { createPostgresStore } from '../store/postgres/postgres-store.ts';
import type { Store } from '../store/store.ts';
import { change, mark, newRun } from '../store/testing/changes.ts';
import { createAll } from '../store/testing/setup.ts';
import { Retention } from './retention.ts';
import { retentionPolicy } from './retention-policy.ts';

const HOUR_MS = 3_600_000;
const OLD = 1_700;
const YOUNG = 60;

async function end(store: Store, runs: number, agoMs: number): Promise<void> {
  const states = await createAll(
    store,
    Array.from({ length: runs }, () => newRun({})),
  );
  const finishedAt = store.now() - agoMs;
  const written = await store.commit(
    states.map((state) => change(state, { status: 'succeeded', finishedAt })),
    mark,
  );
  expect(written.size).toBe(runs);
}

/** The runs that it says to have removed. */
function startRetention(store: Store): { readonly retention: Retention; readonly lines: string[]; readonly removed: () => number } {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const retention = new Retention({ store, policy: retentionPolicy(1 / 24, 0.002), logger, metrics });
  retention.start();
  const removed = (): number => lines.reduce((sum, line) => sum + Number(/"removed":(\d+)/.exec(line)?.[1] ?? 0), 0);
  return { retention, lines, removed };
}

test('two orchestrators on one Postgres remove each old run once, and leave the others', async () => {
  const database = await createTestDatabase();
  const stores = [createPostgresStore({ url: database.url }), createPostgresStore({ url: database.url })] as const;
  try {
    for (const store of stores) await store.start();
    const [store] = stores;
    await end(store, OLD, 2 * HOUR_MS);
    await end(store, YOUNG, HOUR_MS / 2);
    await createAll(
      store,
      Array.from({ length: 3 }, () => newRun({})),
    );
    const both = stores.map(startRetention);
    const cutOff = store.now() - HOUR_MS;
    while ((await store.history(cutOff)).past !== 0) await delay(50);
    await Promise.all(both.map(({ retention }) => retention.stop()));
    expect(both.reduce((sum, { removed }) => sum + removed(), 0)).toBe(OLD);
    expect(both.flatMap(({ lines }) => lines).filter((line) => !line.includes('"level":"info"'))).toEqual([]);
    expect((await store.history()).runs).toBe(YOUNG);
    expect(await store.active(undefined, 10)).toHaveLength(3);
  } finally {
    for (const store of stores) await store.close();
    await database.drop();
  }
});
