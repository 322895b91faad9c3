import { expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { createTestDatabase } from '@mainstay/services';
import { AgentError, DependencyError, serializeError, uuidv7 } from '@mainstay/types';
import type { ErrorFlush } from '../store/errors.ts';
import { createPostgresStore } from '../store/postgres/postgres-store.ts';
import type { Store } from '../store/store.ts';
import { ErrorTracking } from './error-tracking.ts';

const RUNS = Array.from({ length: 40 }, () => uuidv7());
const error = serializeError(new AgentError('AGENT_FAILED', 'it broke'), { stack: true });

/** An orchestrator whose every second answer is lost, and whose every third flush never arrives. */
function unlucky(store: Store, source: string): ErrorTracking {
  let calls = 0;
  const countErrors = async (flush: ErrorFlush): Promise<void> => {
    calls++;
    if (calls % 3 !== 0) await store.countErrors(flush);
    if (calls % 2 === 0 || calls % 3 === 0) throw new DependencyError('POSTGRES_UNAVAILABLE', 'the connection broke');
  };
  const logger = createLogger({ service: 'test', destination: { write: () => undefined } });
  return new ErrorTracking({ store: { now: () => store.now(), countErrors }, source, ownTenant: 'default', logger });
}

test('several orchestrators with bad connections count every error of one Postgres once', async () => {
  const database = await createTestDatabase();
  const store = createPostgresStore({ url: database.url });
  try {
    await store.start();
    const all = ['one', 'two', 'three'].map((source) => unlucky(store, source));
    for (const run of RUNS) {
      for (const tracking of all) tracking.failed({ tenant: 'acme', run, pipeline: 'p', stage: 's', agent: 'a', error });
      await Promise.all(all.map((tracking) => tracking.flush()));
    }
    for (let more = 0; more < 4; more++) await Promise.all(all.map((tracking) => tracking.flush()));
    const { items } = await store.errorGroups('acme', {}, { limit: 10 });
    expect(items).toMatchObject([
      { code: 'AGENT_FAILED', count: 3 * RUNS.length, runsTruncated: true, sample: { stack: expect.any(String) } },
    ]);
    expect(items[0]?.runs).toHaveLength(20);
    expect(items[0]?.runs).toContain(RUNS.at(-1));
    expect(all.map(({ lost }) => lost)).toEqual([0, 0, 0]);
  } finally {
    await store.close();
    await database.drop();
  }
});
