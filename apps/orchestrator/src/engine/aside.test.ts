import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DependencyError } from '@mainstay/types';
import type { Store } from '../store/store.ts';
import { MemorySystem } from '../testing/memory-system.ts';
import { Gate } from '../testing/test-agents.ts';

jest.setTimeout(60_000);

let system: MemorySystem;
let gate: Gate;
const RUNS = 24;
const MUTE = { muteMs: 300 };
const away = new DependencyError('POSTGRES_UNAVAILABLE', 'the connection was reset');

beforeEach(async () => {
  system = new MemorySystem();
  gate = new Gate();
  await system.worker([gate], RUNS);
  const stages = ['a', 'b', 'c'].map((id, n, ids) => ({ id, agent: 'gate', needs: ids.slice(Math.max(0, n - 1), n) }));
  await system.put({ name: 'chain', stages });
});
afterEach(() => system.close());

/** A way to the store that can be cut: then it says nothing, until it is mended and all calls break. */
class Link {
  readonly store: Store;
  #cut: PromiseWithResolvers<never> | undefined;

  constructor(store: Store) {
    const through = <T>(call: () => Promise<T>): Promise<T> => this.#cut?.promise ?? call();
    this.store = {
      ...store,
      ping: (signal) => through(() => store.ping(signal)),
      create: (runs, mark) => through(() => store.create(runs, mark)),
      commit: (changes, mark) => through(() => store.commit(changes, mark)),
      load: (runs) => through(() => store.load(runs)),
      due: (limit) => through(() => store.due(limit)),
      admit: (limit) => through(() => store.admit(limit)),
      checkIn: (mark) => through(() => store.checkIn(mark)),
      unpublished: (orchestrators, limit) => through(() => store.unpublished(orchestrators, limit)),
      outstanding: () => through(() => store.outstanding()),
      pipeline: (...args) => through(() => store.pipeline(...args)),
    };
  }

  cut(): void {
    this.#cut = Promise.withResolvers<never>();
    this.#cut.promise.catch(() => undefined);
  }

  mend(): void {
    this.#cut?.reject(away);
    this.#cut = undefined;
  }
}

async function begin(): Promise<readonly string[]> {
  const runs = await Promise.all(Array.from({ length: RUNS }, () => system.submit('chain')));
  for (const run of runs) await system.until(run, ({ tasks }) => tasks.get('a')?.status === 'running');
  return runs;
}

async function allSucceed(runs: readonly string[], withinMs: number): Promise<void> {
  for (const run of runs) await system.until(run, ({ status }) => status === 'succeeded', withinMs);
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

async function standingAside(name: string): Promise<string | undefined> {
  const text = await system.engines.get(name)?.metrics.text();
  return /^mainstay_standing_aside\{[^}]*\} (\d)$/m.exec(text ?? '')?.[1];
}

describe('an orchestrator that does not reach the store', () => {
  test('leaves its work to another, refuses submissions, and takes part again', async () => {
    const link = new Link(system.store);
    const engine = await system.engine(MUTE, link.store);
    await system.engine(MUTE);
    const runs = await begin();
    link.cut();
    const cutAt = performance.now();
    gate.open();
    const waiting = system.submit('chain').catch((error: unknown) => error);
    await allSucceed(runs, 20_000);
    expect(await standingAside(engine.name)).toBe('1');
    expect(performance.now() - cutAt).toBeLessThan(10_000);
    expect(await waiting).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(engine.refusal()).toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryAfterMs: expect.any(Number) });
    link.mend();
    await until(() => engine.refusal() === undefined);
    expect(await standingAside(engine.name)).toBe('0');
    await allSucceed([await system.submit('chain')], 20_000);
  });

  test('keeps its work when no other is there', async () => {
    const link = new Link(system.store);
    const engine = await system.engine(MUTE, link.store);
    const runs = await begin();
    link.cut();
    gate.open();
    await until(() => engine.refusal() !== undefined);
    link.mend();
    await allSucceed(runs, 20_000);
  });

  test('shares it as before with others that do not reach it either', async () => {
    const links = [new Link(system.store), new Link(system.store)];
    const engines = await Promise.all(links.map(({ store }) => system.engine(MUTE, store)));
    const runs = await begin();
    for (const link of links) link.cut();
    gate.open();
    await until(() => engines.every((engine) => engine.refusal() !== undefined));
    for (const link of links) link.mend();
    await allSucceed(runs, 20_000);
    for (const run of runs) {
      const { tasks } = await system.state(run);
      expect([...tasks.values()].map(({ fence }) => fence)).toEqual([1, 1, 1]);
    }
  });
});
