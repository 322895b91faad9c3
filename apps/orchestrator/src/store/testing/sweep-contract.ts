import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { Change, RunState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import type { RunProgress } from '../store.ts';
import { change, decision, dispatched, end, mark, newRun, ready, running, succeeded } from './changes.ts';
import { commit, create, createAll, emptyStore, stored } from './setup.ts';

export function sweepContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('due', () => {
    test('names the longest due first and tells when the next one is', async () => {
      const now = store().now();
      const at = [-1_000, 60_000, -3_000, 90_000, -2_000].map((offset) => now + offset);
      const runs = await createAll(
        store(),
        at.map((dueAt) => newRun({ tasks: [ready('a', dueAt)] })),
      );
      expect(await store().due(10)).toEqual({ runs: [runs[2]?.id, runs[4]?.id, runs[0]?.id], nextAt: at[1] });
      expect(await store().due(2)).toEqual({ runs: [runs[2]?.id, runs[4]?.id], nextAt: at[0] });
    });

    test('looks at deadlines and decisions, not at paused, queued or finished work', async () => {
      const past = store().now() - 1_000;
      const late = await create(store(), { deadlineAt: past });
      const asked = await create(store());
      await commit(store(), change(asked, { status: 'waiting' }, { opened: [decision(asked.id, 'a', { expiresAt: past - 1 })] }));
      await create(store(), { status: 'paused', tasks: [ready('a', past)] });
      const over = await create(store(), { tasks: [ready('a', past)] });
      await commit(store(), end(over));
      await createAll(store(), [newRun({ concurrency: 1 }), newRun({ concurrency: 1, tasks: [ready('a', past)] })]);
      expect(await store().due(10)).toEqual({ runs: [asked.id, late.id] });
    });

    test('follows changes of the due time', async () => {
      const now = store().now();
      const run = await create(store(), { tasks: [ready('a', now - 5)] });
      const later = await commit(store(), change(run, {}, { tasks: [ready('a', now + 60_000)] }));
      expect(await store().due(10)).toEqual({ runs: [], nextAt: now + 60_000 });
      await commit(store(), change(later, {}, { tasks: [dispatched('a')] }));
      expect(await store().due(10)).toEqual({ runs: [] });
    });
  });

  describe('suspended and active', () => {
    test('list runs in the order of their ids, a page at a time', async () => {
      const statuses = ['running', 'waiting', 'suspended', 'paused', 'running', 'suspended'] as const;
      const runs = await createAll(
        store(),
        statuses.map((status) => newRun({ status })),
      );
      await commit(store(), end(await create(store())));
      const [a, b, c, , e, f] = runs.map(({ id }) => id);
      expect(await store().suspended(10)).toEqual([c, f].sort());
      expect(await store().suspended(1)).toHaveLength(1);
      const all = [a, b, e].sort();
      expect(await store().active(undefined, 10)).toEqual(all);
      expect(await store().active(undefined, 2)).toEqual(all.slice(0, 2));
      expect(await store().active(all[1], 10)).toEqual(all.slice(2));
    });
  });

  describe('progress', () => {
    test('tells of active runs when they last changed, are due and have asked, a page at a time', async () => {
      const dueAt = store().now() + 60_000;
      const statuses = ['running', 'waiting', 'suspended', 'paused', 'running'] as const;
      const runs = await createAll(
        store(),
        statuses.map((status) => newRun({ status })),
      );
      await commit(store(), end(await create(store())));
      const [a, b, , , e] = runs;
      if (a === undefined || b === undefined || e === undefined) throw new Error('no runs');
      await commit(store(), change(a, {}, { tasks: [ready('a', dueAt)], at: 7_000 }));
      const asked = await commit(store(), change(b, {}, { opened: [decision(b.id, 'a', { openedAt: 5_000 })], at: 5_000 }));
      await commit(store(), change(asked, {}, { opened: [decision(uuidv7(), 'c', { openedAt: 6_000 })], at: 6_000 }));
      const own = { tenant: a.tenant, pipeline: a.pipeline };
      const expected = [
        { run: a.id, ...own, status: 'running', seq: 4, changedAt: 7_000, dueAt },
        { run: b.id, ...own, status: 'waiting', seq: 5, changedAt: 6_000, askedAt: 5_000 },
        { run: e.id, ...own, status: 'running', seq: 3, changedAt: 3_000 },
      ].sort((one, other) => (one.run < other.run ? -1 : 1));
      const later = Date.now() + 60_000;
      expect(await store().progress(later, undefined, 10)).toEqual(expected);
      expect(await store().progress(later, undefined, 2)).toEqual(expected.slice(0, 2));
      expect(await store().progress(later, expected[1]?.run, 10)).toEqual(expected.slice(2));
      expect(await store().progress(0, undefined, 10)).toEqual([]);
    });
  });

  describe('progress of a run that is told to be stalled', () => {
    const told = (run: RunState, lastEventAt: number): Change => {
      const stalled = change(run, {}, { events: ['run.stalled'], at: 9_000 });
      return { ...stalled, events: stalled.events.map((event) => ({ ...event, data: { reason: 'silent', since: 3_000, lastEventAt } })) };
    };
    const progress = async (): Promise<RunProgress | undefined> => (await store().progress(Date.now() + 60_000, undefined, 10))[0];

    test('is that of the event before, with what was told, until it goes on', async () => {
      const run = await create(store());
      const first = await commit(store(), told(run, 3_000));
      expect(await progress()).toMatchObject({ seq: 4, changedAt: 3_000, told: { reason: 'silent', since: 3_000 } });
      const second = await commit(store(), told(first, 3_000));
      expect(await progress()).toMatchObject({ seq: 5, changedAt: 3_000, told: { reason: 'silent', since: 3_000 } });
      await commit(store(), change(second, {}, { events: ['task.progress'], at: 9_500 }));
      const after = await progress();
      expect(after).toMatchObject({ seq: 6, changedAt: 9_500 });
      expect(after).not.toHaveProperty('told');
    });

    test('is that of its last event where an agent uses the name', async () => {
      const run = await create(store());
      const emitted = change(run, {}, { events: ['task.emitted'], at: 4_000 });
      await commit(store(), { ...emitted, events: emitted.events.map((event) => ({ ...event, data: { name: 'run.stalled' } })) });
      const after = await progress();
      expect(after).toMatchObject({ changedAt: 4_000 });
      expect(after).not.toHaveProperty('told');
    });
  });

  describe('unpublished', () => {
    test('names dispatched attempts of later batches than the published one, of the given orchestrators', async () => {
      const [early, late, foreign] = [newRun(), newRun(), newRun()];
      await store().create([early], { ...mark, batch: 1 });
      await store().create([late], { ...mark, batch: 2 });
      await store().create([foreign], { ...mark, orchestrator: 'orchestrator-2', batch: 9 });
      await store().checkIn({ ...mark, published: 1 });
      await store().checkIn({ ...mark, orchestrator: 'orchestrator-2', published: 0 });
      expect(await store().unpublished(['orchestrator-1'], 10)).toEqual([{ run: late.queued.state.id, task: 'a', fence: 1 }]);
      expect(await store().unpublished(['orchestrator-1', 'orchestrator-2'], 10)).toHaveLength(2);
      expect(await store().unpublished(['orchestrator-1', 'orchestrator-2'], 1)).toHaveLength(1);
      expect(await store().unpublished([], 10)).toEqual([]);
    });

    test('counts every batch of an orchestrator that never checked in', async () => {
      const run = await create(store());
      expect(await store().unpublished([mark.orchestrator], 10)).toEqual([{ run: run.id, task: 'a', fence: 1 }]);
    });

    test('keeps who dispatched a task through later changes, until it is dispatched anew', async () => {
      const run = await create(store());
      const other = { ...mark, orchestrator: 'orchestrator-2', batch: 5, epoch: 'epoch-2' };
      const touched = change(run, {}, { tasks: [dispatched('a', 1_000, { startedAt: 5 })] });
      await store().commit([touched], other);
      expect(await store().unpublished(['orchestrator-1', 'orchestrator-2'], 10)).toHaveLength(1);
      expect(await store().unpublished(['orchestrator-2'], 10)).toEqual([]);
      await store().commit([change(touched.state, {}, { tasks: [dispatched('a', 2_000, { fence: 2 })] })], other);
      expect(await store().unpublished(['orchestrator-2'], 10)).toEqual([{ run: run.id, task: 'a', fence: 2 }]);
    });

    test('tells the attempts of one run apart that several orchestrators dispatched, whoever writes the run next', async () => {
      const run = await create(store());
      const second = { ...mark, orchestrator: 'orchestrator-2', batch: 5, epoch: 'epoch-2' };
      const third = { ...second, orchestrator: 'orchestrator-3' };
      await store().commit([change(run, {}, { tasks: [dispatched('b')] })], second);
      const read = await stored(store(), run.id);
      await store().commit([change(read, {}, { tasks: [ready('c', 9)] })], third);
      const of = async (...names: readonly string[]): Promise<readonly string[]> =>
        (await store().unpublished(names, 10)).map(({ task }) => task).sort();
      expect(await of('orchestrator-1')).toEqual(['a']);
      expect(await of('orchestrator-2')).toEqual(['b']);
      expect(await of('orchestrator-3')).toEqual([]);
      expect(await of('orchestrator-2', 'orchestrator-1')).toEqual(['a', 'b']);
      await store().checkIn({ ...second, published: 5 });
      expect(await of('orchestrator-2', 'orchestrator-1')).toEqual(['a']);
      expect((await store().ofOtherEpochs('epoch-2', 10)).map(({ task }) => task)).toEqual(['a']);
      expect((await store().ofOtherEpochs('epoch-1', 10)).map(({ task }) => task)).toEqual(['b']);
      const loaded = await stored(store(), run.id);
      await store().commit([change(loaded, {}, { tasks: [succeeded('a', 1)] })], third);
      expect(await of('orchestrator-1')).toEqual([]);
      expect((await store().ofOtherEpochs('epoch-1', 10)).map(({ task }) => task)).toEqual(['b']);
      expect(await store().ofOtherEpochs('epoch-2', 10)).toEqual([]);
    });

    test('leaves out tasks that a worker has', async () => {
      const run = await create(store());
      await commit(store(), change(run, {}, { tasks: [running('a')] }));
      expect(await store().unpublished([mark.orchestrator], 10)).toEqual([]);
    });
  });

  describe('ofOtherEpochs', () => {
    test('names dispatched and running attempts of any other epoch', async () => {
      const epochs = ['epoch-0', 'epoch-1', 'epoch-2'];
      const runs = epochs.map(() => newRun());
      for (const [index, run] of runs.entries()) await store().create([run], { ...mark, epoch: epochs[index] ?? '' });
      await commit(store(), change(runs[2]?.started.state ?? newRun().started.state, {}, { tasks: [running('a')] }));
      const found = await store().ofOtherEpochs('epoch-1', 10);
      expect(found.map(({ run }) => run).sort()).toEqual([runs[0]?.queued.state.id, runs[2]?.queued.state.id].sort());
      expect(await store().ofOtherEpochs('epoch-9', 2)).toHaveLength(2);
      await commit(store(), end(runs[0]?.started.state ?? newRun().started.state));
      expect(await store().ofOtherEpochs('epoch-1', 10)).toHaveLength(1);
    });
  });

  describe('dispatchedBefore and outstanding', () => {
    test('find attempts by agent kind and age', async () => {
      const run = await create(store(), {
        tasks: [
          ...[dispatched('a', 3_000), dispatched('b', 1_000), running('c', 2_000), ready('d', 1)],
          ...[dispatched('e', 500, { agent: 'echo' }), running('f', 400, { agent: 'echo' }), running('g', 9, { agent: 'sleep' })],
        ],
      });
      const before = async (agent: string, at: number, limit = 10): Promise<readonly string[]> =>
        (await store().dispatchedBefore(agent, at, limit)).map(({ task }) => task);
      expect(await before('noop', 3_000)).toEqual(['b', 'c']);
      expect(await before('noop', 9_000, 2)).toEqual(['b', 'c']);
      expect(await before('unknown', 9_000)).toEqual([]);
      expect(await store().outstanding()).toEqual([
        { agent: 'echo', dispatched: 1, running: 1, oldestAt: 500 },
        { agent: 'noop', dispatched: 2, running: 1, oldestAt: 1_000 },
        { agent: 'sleep', dispatched: 0, running: 1 },
      ]);
      await commit(store(), end(run));
      expect(await store().outstanding()).toEqual([]);
    });
  });

  describe('orchestrators and the epoch', () => {
    test('are registered by checking in and removed by checking out', async () => {
      for (const orchestrator of ['b', 'a', 'b']) await store().checkIn({ ...mark, orchestrator });
      expect(await store().orchestrators()).toEqual(['a', 'b']);
      await store().checkOut('a');
      await store().checkOut('never seen');
      expect(await store().orchestrators()).toEqual(['b']);
    });

    test('change the epoch only from the one expected', async () => {
      expect(await store().epoch()).toBeUndefined();
      expect(await store().setEpoch(undefined, 'one')).toBe('one');
      expect(await store().setEpoch(undefined, 'two')).toBe('one');
      expect(await store().setEpoch('zero', 'two')).toBe('one');
      expect(await store().setEpoch('one', 'two')).toBe('two');
      expect(await store().epoch()).toBe('two');
    });

    test('agree on one epoch when many set it at once', async () => {
      const results = await Promise.all(Array.from({ length: 10 }, (_, index) => store().setEpoch(undefined, `epoch-${String(index)}`)));
      expect(new Set(results).size).toBe(1);
    });
  });
}
