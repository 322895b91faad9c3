import { describe, expect, test } from '@jest/globals';
import type { RunState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import type { Store } from '../store.ts';
import { change, end, mark, newRun } from './changes.ts';
import { commit, create, createAll, emptyStore, stored } from './setup.ts';

export function slotContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('slots', () => {
    test('are given in order until the limit is reached; the rest is queued', async () => {
      const states = await createAll(
        store(),
        Array.from({ length: 4 }, () => newRun({ concurrency: 2 })),
      );
      expect(states.map(({ status, slot }) => [status, slot])).toEqual([
        ['running', true],
        ['running', true],
        ['queued', false],
        ['queued', false],
      ]);
      for (const state of states) expect(await stored(store(), state.id)).toEqual(state);
    });

    test('count for each tenant and pipeline by itself', async () => {
      const runs = [{}, { pipeline: 'other' }, { tenant: 'tenant-2' }, {}].map((own) => newRun({ concurrency: 1, ...own }));
      expect((await createAll(store(), runs)).map(({ status }) => status)).toEqual(['running', 'running', 'running', 'queued']);
    });

    test('are not needed without a limit', async () => {
      expect(await create(store())).toMatchObject({ status: 'running', slot: false });
    });

    test('are freed by the end of a run and given to the queued run of the highest priority, then the oldest', async () => {
      const active = await create(store(), { concurrency: 1 });
      const [old, young, urgent] = await createAll(store(), [
        newRun({ concurrency: 1, createdAt: 1 }),
        newRun({ concurrency: 1, createdAt: 2 }),
        newRun({ concurrency: 1, createdAt: 3, priority: 10 }),
      ]);
      expect(await store().admit(10)).toEqual([]);
      const order: (string | undefined)[] = [];
      for (let current = active; order.length < 3;) {
        await commit(store(), end(current));
        const [id = ''] = await store().admit(10);
        order.push(id);
        current = await start(store(), id);
      }
      expect(order).toEqual([urgent?.id, old?.id, young?.id]);
    });

    test('that others wait for are not given to a new run', async () => {
      const active = await create(store(), { concurrency: 1 });
      const waiting = await create(store(), { concurrency: 1, createdAt: 1 });
      await commit(store(), end(active));
      expect(await create(store(), { concurrency: 1, createdAt: 2 })).toMatchObject({ status: 'queued' });
      expect(await store().admit(10)).toEqual([waiting.id]);
    });

    test('that were given make the run due until it is started', async () => {
      const active = await create(store(), { concurrency: 1 });
      const waiting = await create(store(), { concurrency: 1 });
      await commit(store(), end(active));
      expect(await store().due(10)).toEqual({ runs: [] });
      await store().admit(10);
      expect((await store().due(10)).runs).toEqual([waiting.id]);
      expect((await store().due(10)).runs).toEqual([waiting.id]);
      expect(await store().admit(10)).toEqual([]);
      expect(await start(store(), waiting.id)).toMatchObject({ slot: true });
      expect(await store().due(10)).toEqual({ runs: [] });
    });

    test('of a run that is cancelled after it was admitted are freed, though the change does not know of the slot', async () => {
      const active = await create(store(), { concurrency: 1 });
      const waiting = await create(store(), { concurrency: 1 });
      await commit(store(), end(active));
      await store().admit(10);
      await commit(store(), change(waiting, { status: 'cancelled', finishedAt: 5 }, { events: ['run.cancelled'] }));
      expect(await stored(store(), waiting.id)).toMatchObject({ status: 'cancelled', slot: false });
      expect(await create(store(), { concurrency: 1 })).toMatchObject({ status: 'running', slot: true });
    });

    test('are given back by a run that is queued anew, and taken by one that claims to hold one', async () => {
      const active = await create(store(), { concurrency: 1 });
      const requeued = await commit(store(), change(active, { status: 'queued', slot: false }, { events: ['run.queued'] }));
      expect(await stored(store(), active.id)).toEqual(requeued);
      expect(await store().admit(10)).toEqual([active.id]);
      const ended = await commit(store(), end(await start(store(), active.id)));
      const claiming = change({ ...ended, slot: false }, { status: 'running', slot: true }, { events: ['run.retried'] });
      await commit(store(), claiming);
      expect(await stored(store(), active.id)).toMatchObject({ slot: true });
      expect(await create(store(), { concurrency: 1 })).toMatchObject({ status: 'queued' });
    });

    test('are admitted to queued runs of unlimited pipelines without counting', async () => {
      const run = await create(store());
      await commit(store(), change(run, { status: 'queued' }, { events: ['run.queued'] }));
      expect(await store().admit(10)).toEqual([run.id]);
      expect(await stored(store(), run.id)).toMatchObject({ slot: false });
    });

    test('are not taken by a run that is over from the start', async () => {
      const run = newRun({ concurrency: 1 });
      const over = { ...run, started: end(run.started.state) };
      const failed = { ...over.started, before: run.started.before, events: [...run.started.events, ...over.started.events] };
      await store().create([{ ...run, started: failed }], mark);
      expect(await create(store(), { concurrency: 1 })).toMatchObject({ status: 'running' });
    });

    test('are admitted up to the given number of runs', async () => {
      const runs = await createAll(
        store(),
        Array.from({ length: 6 }, (_, index) => newRun({ concurrency: 3, createdAt: index })),
      );
      await commit(store(), ...runs.filter(({ slot }) => slot).map((run) => end(run)));
      expect(await store().admit(2)).toEqual([runs[3]?.id, runs[4]?.id]);
      expect(await store().admit(2)).toEqual([runs[5]?.id]);
    });

    test('are never exceeded and never lost under 20 concurrent writers', async () => {
      const limit = 3;
      const created = await Promise.all(Array.from({ length: 20 }, () => create(store(), { concurrency: limit })));
      expect(created.filter(({ slot }) => slot)).toHaveLength(limit);
      const done = new Set<string>();
      let active = created.filter(({ slot }) => slot);
      while (done.size < created.length) {
        const ends = Promise.all(active.map((run) => store().commit([end(run)], mark)));
        const admitted = await Promise.all(Array.from({ length: 4 }, () => store().admit(20)));
        await ends;
        for (const { id } of active) done.add(id);
        const late = await store().admit(20);
        const ids = [...admitted.flat(), ...late];
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(Math.min(limit, created.length - done.size));
        active = await Promise.all(ids.map((id) => start(store(), id)));
      }
    });
  });
}

/** Starts an admitted run. */
async function start(store: Store, id: string): Promise<RunState> {
  const before = await stored(store, id);
  await commit(store, change(before, { status: 'running', startedAt: 9 }, { events: ['run.started'] }));
  return await stored(store, id);
}
