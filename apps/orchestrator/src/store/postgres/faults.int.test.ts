import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@mainstay/services';
import { uuidv7 } from '@mainstay/types';
import pg from 'pg';
import type { Store } from '../store.ts';
import { change, failure, mark, newRun, running } from '../testing/changes.ts';
import { create, stored } from '../testing/setup.ts';
import { createPostgresStore } from './postgres-store.ts';
import { toStoreError } from './errors.ts';

describe('the Postgres store', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  const queries: string[] = [];
  const warnings: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const logger = { info: () => undefined, warn: (_fields: object, message: string) => void warnings.push(message) };
    store = createPostgresStore({
      url: database.url,
      poolSize: 4,
      statementTimeoutMs: 1_500,
      onQuery: (name) => queries.push(name),
      logger,
    });
    await store.start();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await client.end();
    await database.drop();
  });

  const endConnections = (): Promise<unknown> =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mainstay-orchestrator' and datname = current_database()`,
    );

  test('creates and commits in one statement each', async () => {
    const [run, other, third] = [newRun(), newRun(), newRun()];
    queries.length = 0;
    await store.create([run, other], mark);
    await store.commit([change(run.started.state)], mark);
    await store.load([run.started.state.id]);
    await store.create([third], mark);
    await store.commit([change(other.started.state), change(third.started.state)], mark);
    expect(queries).toEqual(['create', 'commit-one', 'load', 'create-one', 'commit']);
  });

  test('works again after all of its idle connections were ended', async () => {
    const run = await create(store);
    await endConnections();
    await expect(untilItWorks(() => store.load([run.id]))).resolves.toHaveProperty('size', 1);
    await endConnections();
    await expect(untilItWorks(() => store.runs('tenant-1', {}, { limit: 1 }))).resolves.toHaveProperty('items.length', 1);
  });

  test('rejects with POSTGRES_UNAVAILABLE when the connection ends in mid-use, and works again', async () => {
    const run = await create(store);
    await client.query('begin');
    await client.query('select from runs where id = $1 for update', [run.id]);
    const outcome = store.commit([change(run)], mark).catch((error: unknown) => error);
    await waitUntil(async () => {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      return rowCount === 1;
    });
    await endConnections();
    await client.query('rollback');
    expect(await outcome).toMatchObject({ code: 'POSTGRES_UNAVAILABLE', disposition: 'retryable', cause: expect.any(Error) });
    expect(await untilItWorks(() => store.commit([change(run)], mark))).toEqual(new Set([run.id]));
  });

  test('gives up a statement at its time limit', async () => {
    const run = await create(store);
    await client.query('begin');
    await client.query('select from runs where id = $1 for update', [run.id]);
    try {
      await expect(store.commit([change(run)], mark)).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    } finally {
      await client.query('rollback');
    }
    expect(await stored(store, run.id)).toEqual(run);
  });

  test('rejects calls of every kind with POSTGRES_UNAVAILABLE when nobody listens', async () => {
    const away = createPostgresStore({ url: 'postgresql://nobody:secret@127.0.0.1:1/none', connectTimeoutMs: 1_000 });
    const unavailable = { code: 'POSTGRES_UNAVAILABLE', message: expect.not.stringContaining('secret') };
    await expect(away.start()).rejects.toMatchObject(unavailable);
    await expect(away.load([uuidv7()])).rejects.toMatchObject(unavailable);
    await expect(away.create([newRun({ concurrency: 1 })], mark)).rejects.toMatchObject(unavailable);
    await expect(away.pipeline('tenant-1', 'x')).rejects.toMatchObject(unavailable);
    await expect(away.ping(AbortSignal.timeout(5_000))).rejects.toMatchObject(unavailable);
    await away.close();
  });

  test('gives up a ping on a half-open connection soon, and does not hold the connection any more', async () => {
    const link = await openLink(database.url);
    const behind = createPostgresStore({ url: link.url, poolSize: 2 });
    try {
      await behind.start();
      await behind.ping(AbortSignal.timeout(10_000));
      link.cut();
      const begun = performance.now();
      await expect(behind.ping(AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      expect(performance.now() - begun).toBeLessThan(4_000);
      expect(behind.poolUse()).toMatchObject({ busy: 0 });
      link.mend();
      await untilItWorks(() => behind.ping(AbortSignal.timeout(10_000)));
    } finally {
      link.mend();
      await behind.close();
      link.close();
    }
  }, 30_000);

  test('lets one change with data that Postgres refuses not sink its batch', async () => {
    const runs = await Promise.all(Array.from({ length: 7 }, () => create(store)));
    const letter = { id: uuidv7(), stage: 'bad\0name', agent: 'noop', attempt: 1, losses: 0, input: 1, error: failure, at: 1 };
    const changes = runs.map((run, index) =>
      change(run, {}, { tasks: [running('a')], ...(index === 3 && { deadLetters: [letter] }), ...(index === 5 && { at: Number.NaN }) }),
    );
    const good = runs.filter((_, index) => index !== 3 && index !== 5);
    warnings.length = 0;
    expect(await store.commit(changes, mark)).toEqual(new Set(good.map(({ id }) => id)));
    expect(warnings).toHaveLength(2);
    for (const index of [3, 5]) {
      await expect(store.commit(changes.slice(index, index + 1), mark)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
      expect(await stored(store, runs[index]?.id ?? '')).toEqual(runs[index]);
    }
  });

  test('creates none of a batch in which Postgres refuses the data of one', async () => {
    const [good, bad] = [newRun(), newRun({ tenant: 'a\0b' })];
    await expect(store.create([good, bad], mark)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect((await store.load([good.queued.state.id])).size).toBe(0);
  });

  test('shows events to people one by one', async () => {
    const run = await create(store);
    const { rows } = await client.query('select seq, at, type, data from run_events where run_id = $1 order by seq', [run.id]);
    expect(rows).toEqual(
      ['run.created', 'run.started', 'task.dispatched'].map((type, index) => ({
        seq: index + 1,
        at: new Date(3_000),
        type,
        data: { of: run.id },
      })),
    );
  });

  test('mends the number of held slots at its start', async () => {
    const run = await create(store, { concurrency: 1, pipeline: 'mended' });
    await client.query(`update slots set active = 5 where pipeline = 'mended'`);
    await store.start();
    const { rows } = await client.query(`select active from slots where pipeline = 'mended'`);
    expect([run.slot, rows]).toEqual([true, [{ active: 1 }]]);
  });

  test('says what kind of trouble it is', () => {
    const codeOf = (code: string): string => toStoreError(Object.assign(new Error('x'), { code }), 's').code;
    expect(['53100', '53000', '53200', '53300', '53400', 'EMFILE', 'ENFILE'].map(codeOf)).toEqual([
      ...['DISK_FULL', 'POSTGRES_EXHAUSTED', 'POSTGRES_EXHAUSTED', 'POSTGRES_EXHAUSTED', 'POSTGRES_EXHAUSTED'],
      ...['OUT_OF_FILE_HANDLES', 'OUT_OF_FILE_HANDLES'],
    ]);
    expect(['57P03', '40P01', '22P05', '42P01', 'ECONNRESET', '08006', '57014'].map(codeOf)).toEqual([
      ...['POSTGRES_UNAVAILABLE', 'POSTGRES_UNAVAILABLE', 'VALIDATION_FAILED', 'INTERNAL'],
      ...['POSTGRES_UNAVAILABLE', 'POSTGRES_UNAVAILABLE', 'OPERATION_TIMEOUT'],
    ]);
    const handles = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
    expect(toStoreError(new Error('wrapped', { cause: handles }), 's')).toMatchObject({ details: { resource: 'file-handles' } });
  });
});

/** The pool may hold a few dead connections; each costs one call. */
async function untilItWorks<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      expect(error).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      if (attempt >= 10) throw error;
    }
  }
}

/** A way to the database that can be cut: connections are taken, and nothing comes through, until it is mended and they break. */
async function openLink(url: string) {
  const { port, hostname } = new URL(url);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (!silent) to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    cut: (): void => void (silent = true),
    mend: (): void => {
      silent = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: (): void => void server.close(),
  };
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
