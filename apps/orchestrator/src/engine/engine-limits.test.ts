import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { NewRun, Store } from '../store/store.ts';
import { MemorySystem } from '../testing/memory-system.ts';
import { Noop } from '../testing/test-agents.ts';

jest.setTimeout(60_000);

let system: MemorySystem;

beforeEach(() => {
  system = new MemorySystem();
});
afterEach(() => system.close());

const chain = (length: number) => ({
  name: 'chain',
  stages: Array.from({ length }, (_, i) => ({ id: `s${i}`, agent: 'noop', ...(i > 0 ? { needs: [`s${i - 1}`] } : {}) })),
});

/** The store, with transactions that wait until they are let through. */
function gated(store: Store): { readonly store: Store; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    store: {
      ...store,
      create: (runs, mark) => promise.then(() => store.create(runs, mark)),
      load: (ids) => promise.then(() => store.load(ids)),
    },
    open: () => {
      resolve(undefined);
    },
  };
}

const OVERLOADED = { code: 'OVERLOADED', retryAfterMs: expect.any(Number) };

describe('the limits of the engine', () => {
  test('more submissions than may wait are refused, and told when to come again; the others are created', async () => {
    const { store, open } = gated(system.store);
    await system.engine({ maxWaiting: 3, maxBatch: 1 }, store);
    await system.put(chain(1));
    const first = system.submit('chain');
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = [system.submit('chain'), system.submit('chain'), system.submit('chain')];
    await expect(system.submit('chain')).rejects.toMatchObject(OVERLOADED);
    open();
    expect(new Set(await Promise.all([first, ...waiting])).size).toBe(4);
    await expect(system.submit('chain')).resolves.toBeDefined();
  });

  test('so are submissions that together carry too much', async () => {
    const { store, open } = gated(system.store);
    await system.engine({ maxWaitingSize: 10_000 }, store);
    await system.put(chain(1));
    const large = system.submit('chain', { text: 'x'.repeat(20_000) });
    await expect(system.submit('chain', {})).rejects.toMatchObject(OVERLOADED);
    open();
    await large;
    await expect(system.submit('chain', {})).resolves.toBeDefined();
  });

  test('so are submissions while too many tasks wait for the transport', async () => {
    const engine = await system.engine({ maxUnsent: 5 });
    await system.put(chain(1));
    system.hub.disconnect(engine.name);
    const runs: string[] = [];
    for (let i = 0; i < 5; i++) runs.push(await system.submit('chain'));
    await expect(system.submit('chain')).rejects.toMatchObject(OVERLOADED);
    system.hub.reconnect(engine.name);
    await system.worker([new Noop()]);
    for (const run of runs) expect((await system.ended(run)).status).toBe('succeeded');
    await expect(system.submit('chain')).resolves.toBeDefined();
  });

  test('so are submissions while too many results wait, except urgent ones, which have more room', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { store } = system;
    const slow: Store = { ...store, commit: (changes, mark) => promise.then(() => store.commit(changes, mark)) };
    const engine = await system.engine({ minUnapplied: 3, maxBatch: 1, parallelCommits: 1 }, slow);
    await system.worker([new Noop()]);
    await system.put(chain(1));
    const runs = [];
    for (let i = 0; i < 6; i++) runs.push(await system.submit('chain', {}));
    while (engine.refusal() === undefined) await new Promise((done) => setTimeout(done, 1));
    await expect(system.submit('chain')).rejects.toMatchObject(OVERLOADED);
    expect(engine.refusal(true)).toBeUndefined();
    runs.push(await system.submit('chain', {}, { priority: 1 }));
    resolve(undefined);
    for (const run of runs) expect((await system.ended(run)).status).toBe('succeeded');
    expect(engine.refusal()).toBeUndefined();
  });

  test('so are inputs of users', async () => {
    const { store, open } = gated(system.store);
    const engine = await system.engine({ maxWaiting: 2 }, store);
    const cancel = { type: 'cancel', by: 'x' } as const;
    const run = '01234567-89ab-7def-8123-456789abcdef';
    const waiting = [engine.act('default', run, cancel), engine.act('default', run, cancel)];
    await expect(engine.act('default', run, cancel)).rejects.toMatchObject({ code: 'OVERLOADED' });
    open();
    for (const one of await Promise.allSettled(waiting)) expect(one).toMatchObject({ reason: { code: 'RUN_NOT_FOUND' } });
    await expect(engine.act('default', run, cancel)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('an urgent submission does not wait for the transaction of others', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { store } = system;
    const isUrgent = (runs: readonly NewRun[]): boolean => runs.some(({ queued }) => queued.state.priority > 0);
    const slow: Store = {
      ...store,
      create: (runs, mark) => (isUrgent(runs) ? store.create(runs, mark) : promise.then(() => store.create(runs, mark))),
    };
    await system.engine({}, slow);
    await system.put(chain(1));
    const other = system.submit('chain');
    await new Promise((done) => setImmediate(done));
    expect(await system.submit('chain', {}, { priority: 1 })).toBeDefined();
    resolve(undefined);
    expect(await other).toBeDefined();
  });

  test('while urgent runs are about, less is begun at once', async () => {
    const { store } = system;
    const sizes: number[] = [];
    const counting: Store = {
      ...store,
      create: (runs, mark) => {
        sizes.push(runs.length);
        return store.create(runs, mark);
      },
    };
    const engine = await system.engine({ maxBatch: 8, shareBesideUrgent: 0.25 }, counting);
    await system.put(chain(1));
    const many = async (): Promise<number> => {
      sizes.length = 0;
      await Promise.all(Array.from({ length: 20 }, () => system.submit('chain')));
      return Math.max(...sizes);
    };
    expect([await many(), engine.hasUrgent]).toEqual([8, false]);
    await system.submit('chain', {}, { priority: 1 });
    expect([await many(), engine.hasUrgent]).toEqual([2, true]);
  });

  test('small caches, batches and reads make it slower, not wrong', async () => {
    await system.engine({ maxCachedRuns: 3, maxCachedBytes: 20_000, maxBatch: 4, maxBatchSize: 6_000, maxOpenSize: 10_000, maxBacklog: 5 });
    await system.worker([new Noop()]);
    await system.put(chain(4));
    const runs = await Promise.all(Array.from({ length: 30 }, (_, i) => system.submit('chain', { i, text: 'y'.repeat(3_000) })));
    for (const [i, run] of runs.entries()) expect((await system.ended(run)).output).toMatchObject({ s3: { i } });
  });

  test('transactions under way at the same time have no run in common, and nothing is lost or done twice', async () => {
    const { store } = system;
    const open = new Set<string>();
    let [underWay, most] = [0, 0];
    const slow: Store = {
      ...system.store,
      commit: async (changes, mark) => {
        most = Math.max(most, ++underWay);
        for (const { state } of changes) {
          expect(open.has(state.id)).toBe(false);
          open.add(state.id);
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        const written = await store.commit(changes, mark);
        for (const { state } of changes) open.delete(state.id);
        underWay--;
        expect(written.size).toBe(changes.length);
        return written;
      },
    };
    await system.engine({ parallelCommits: 2, minParallelBatch: 2, maxBatch: 8 }, slow);
    await system.worker([new Noop()]);
    await system.put({
      name: 'chain',
      stages: [...['a', 'b', 'c', 'd'].map((id) => ({ id, agent: 'noop' })), { id: 'last', agent: 'noop', needs: ['a', 'b', 'c', 'd'] }],
    });
    const runs = await Promise.all(Array.from({ length: 60 }, (_, i) => system.submit('chain', { i })));
    for (const [i, run] of runs.entries()) {
      const state = await system.ended(run);
      expect([state.output, [...state.tasks.values()].map(({ fence }) => fence)]).toEqual([{ last: { i } }, [1, 1, 1, 1, 1]]);
    }
    expect(most).toBe(2);
  });
});

describe('news of the engine', () => {
  test('every end of a tenant is told at each orchestrator, wherever it was written', async () => {
    const engines = [await system.engine(), await system.engine()];
    await system.worker([new Noop()]);
    await system.put(chain(3));
    const heard = engines.map((engine) => {
      const ends = new Map<string, string>();
      engine.onEnded('default', (news) => {
        for (const { run, status, at } of news) {
          expect(at).toBeGreaterThan(0);
          ends.set(run, status);
        }
      });
      engine.onEnded('elsewhere', () => {
        throw new Error('another tenant');
      });
      return ends;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const runs = await Promise.all(Array.from({ length: 40 }, () => system.submit('chain')));
    await Promise.all(runs.map((run) => system.ended(run)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const ends of heard) expect(new Set(ends.keys())).toEqual(new Set(runs));
    expect(new Set(heard.flatMap((ends) => [...ends.values()]))).toEqual(new Set(['succeeded']));
  });

  test('who watches a run is told of every change, at each orchestrator', async () => {
    const engines = [await system.engine(), await system.engine()];
    await system.put(chain(2));
    const run = await system.submit('chain');
    const seen = engines.map((engine) => {
      const seqs: number[] = [];
      engine.onEvents(run, () => void system.state(run).then(({ seq }) => seqs.push(seq)));
      return seqs;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await system.worker([new Noop()]);
    const { seq } = await system.ended(run);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const seqs of seen) expect(Math.max(...seqs)).toBe(seq);
  });
});
