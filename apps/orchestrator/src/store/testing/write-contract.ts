import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { RunState, TaskState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import { change, decision, dispatched, end, failure, mark, newRun, ready, running, succeeded, task } from './changes.ts';
import { commit, create, createAll, createdState, emptyStore, stored } from './setup.ts';

export function writeContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('create', () => {
    test('stores a run without a limit as started, whole', async () => {
      const run = newRun({ deadlineAt: 9_000, priority: -7, input: null });
      const [creation] = await store().create([run], mark);
      expect(creation).toEqual({ status: 'created', change: run.started });
      expect(await stored(store(), run.started.state.id)).toEqual(run.started.state);
    });

    test('reports a run whose id exists as repeated and writes nothing of it', async () => {
      const run = newRun();
      const other = newRun();
      await store().create([run], mark);
      const state = await commit(store(), change(run.started.state, { status: 'paused' }));
      const again = await store().create([other, run], mark);
      expect(again).toEqual([
        { status: 'created', change: other.started },
        { status: 'repeated', run: state.id, runStatus: 'paused' },
      ]);
      expect(await stored(store(), state.id)).toEqual(state);
    });

    test('gives no result for no runs', async () => {
      expect(await store().create([], mark)).toEqual([]);
      expect(await store().commit([], mark)).toEqual(new Set());
      expect(await store().load([])).toEqual(new Map());
    });

    test('creates 2,500 runs at once, in order', async () => {
      const runs = Array.from({ length: 2_500 }, () => newRun());
      const ids = (await store().create(runs, mark)).map((creation) => createdState(creation).id);
      expect(ids).toEqual(runs.map(({ queued }) => queued.state.id));
      expect((await store().load(ids)).size).toBe(2_500);
    });
  });

  describe('idempotency keys', () => {
    const idempotency = { key: 'key "1" ✓', hash: 'a'.repeat(64) };

    test('give the first run again for the same request', async () => {
      const first = newRun({ idempotency });
      await store().create([first], mark);
      await commit(store(), end(first.started.state));
      expect(await store().create([newRun({ idempotency })], mark)).toEqual([
        { status: 'repeated', run: first.queued.state.id, runStatus: 'succeeded' },
      ]);
    });

    test('refuse another request under the same key', async () => {
      const first = await create(store(), { idempotency });
      const other = newRun({ idempotency: { ...idempotency, hash: 'b'.repeat(64) } });
      expect(await store().create([other], mark)).toEqual([{ status: 'key-reused', run: first.id }]);
      expect((await store().load([other.queued.state.id])).size).toBe(0);
    });

    test('belong to one tenant', async () => {
      await create(store(), { idempotency });
      await expect(create(store(), { idempotency, tenant: 'tenant-2' })).resolves.toMatchObject({ tenant: 'tenant-2' });
    });

    test('hold within one batch', async () => {
      const [first, second] = [newRun({ idempotency }), newRun({ idempotency })];
      const [one, two] = await store().create([first, second], mark);
      expect([one?.status, two]).toEqual(['created', { status: 'repeated', run: first.queued.state.id, runStatus: 'running' }]);
    });

    test('let exactly one of 20 concurrent requests through', async () => {
      const runs = Array.from({ length: 20 }, () => newRun({ idempotency }));
      const results = (await Promise.all(runs.map((run) => store().create([run], mark)))).flat();
      const created = results.filter(({ status }) => status === 'created');
      expect(created).toHaveLength(1);
      const winner = createdState(created[0]).id;
      expect(results.filter((result) => result.status === 'repeated' && result.run === winner)).toHaveLength(19);
      expect((await store().load(runs.map(({ queued }) => queued.state.id))).size).toBe(1);
    });
  });

  describe('commit', () => {
    test('writes the run, the tasks it touched and its events', async () => {
      const before = await create(store());
      const tasks = [
        succeeded('a', { words: 3 }, { startedAt: 1_100 }),
        dispatched('b', 2_500, { error: failure, failures: 1, inputOverride: [1], answers: [{ key: 'k', answer: null, by: 'me' }] }),
        ready('c', 99_000),
      ];
      const after = await commit(store(), change(before, { deadlineAt: 80_000 }, { tasks, events: ['task.succeeded', 'task.dispatched'] }));
      expect(await stored(store(), before.id)).toEqual(after);
      expect((await store().events('tenant-1', before.id, 0, 100))?.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    });

    test('writes nothing at all of a change that was overtaken', async () => {
      const before = await create(store());
      const letter = { id: uuidv7(), stage: 'a', agent: 'noop', attempt: 1, losses: 0, input: 1, error: failure, at: 1 };
      const question = decision(uuidv7(), 'a');
      const late = change(
        before,
        { status: 'failed', error: failure },
        {
          tasks: [running('a', 7, { checkpoint: 7 }), dispatched('b')],
          ...{ checkpoints: ['a'], deadLetters: [letter], opened: [question], events: ['task.dead', 'run.failed'] },
        },
      );
      const current = await commit(store(), change(before, {}, { tasks: [running('a')] }));
      expect(await store().commit([late], mark)).toEqual(new Set());
      expect(await stored(store(), before.id)).toEqual(current);
      expect(await store().events('tenant-1', before.id, 0, 100)).toHaveLength(4);
      expect(await store().deadLetter('tenant-1', letter.id)).toBeUndefined();
      expect(await store().decision('tenant-1', question.id)).toBeUndefined();
    });

    test('writes the other changes of a batch in which one was overtaken or is of an unknown run', async () => {
      const [a, b] = [await create(store()), await create(store())];
      await commit(store(), change(a));
      const unknown = newRun().started.state;
      expect(await store().commit([change(a), change(unknown), change(b)], mark)).toEqual(new Set([b.id]));
    });

    test('lets exactly one of 20 concurrent changes of the same run through', async () => {
      const before = await create(store());
      const results = await Promise.all(Array.from({ length: 20 }, () => store().commit([change(before)], mark)));
      expect(results.filter((written) => written.has(before.id))).toHaveLength(1);
      expect((await store().events('tenant-1', before.id, 0, 100))?.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    });

    test('settles concurrent batches over the same runs in different orders', async () => {
      const runs = await createAll(
        store(),
        Array.from({ length: 40 }, () => newRun()),
      );
      const changes = runs.map((run) => change(run, {}, { tasks: [running('a')] }));
      const results = await Promise.all(
        [changes, changes.toReversed(), changes, changes.toReversed()].map((batch) => store().commit(batch, mark)),
      );
      const written = results.flatMap((ids) => [...ids]).sort();
      expect(written).toEqual(runs.map(({ id }) => id).sort());
    });

    test('writes 2,500 changes at once', async () => {
      const runs = await createAll(
        store(),
        Array.from({ length: 2_500 }, () => newRun()),
      );
      const written = await store().commit(
        runs.map((run) => end(run)),
        mark,
      );
      expect(written.size).toBe(2_500);
      const states = await store().load(runs.map(({ id }) => id));
      expect(new Set([...states.values()].map(({ status }) => status))).toEqual(new Set(['succeeded']));
    });

    test('clears what a run no longer has', async () => {
      const failed = await commit(store(), change(await create(store()), { status: 'failed', error: failure, finishedAt: 7, output: 1 }));
      const bare: RunState = { ...failed };
      for (const key of ['error', 'finishedAt', 'output'] as const) Reflect.deleteProperty(bare, key);
      const retried = change(bare, { status: 'running' }, { removed: ['a'], events: ['run.retried'] });
      const state = await commit(store(), retried);
      expect(await stored(store(), failed.id)).toEqual(state);
      expect(state.tasks.size).toBe(0);
    });

    test('keeps the newest state of a task that is final, tried again, removed and final anew', async () => {
      let run = await create(store());
      const dead = task<Extract<TaskState, { status: 'dead' }>>('a', { status: 'dead', finishedAt: 5, error: failure });
      for (const deeds of [
        { tasks: [succeeded('b', { text: 'x'.repeat(20_000) }), dead] },
        { tasks: [ready('a', 7), ready('b', 8)] },
        { tasks: [dispatched('b', 9, { fence: 2 })], removed: ['a'] },
        { tasks: [succeeded('b', 'again', { fence: 2 })] },
        { removed: ['b'], tasks: [succeeded('c', null)] },
        { tasks: [dispatched('a', 9, { fence: 3 })] },
        { tasks: [succeeded('a', [])] },
      ]) {
        run = await commit(store(), change(run, {}, deeds));
        expect(await stored(store(), run.id)).toEqual(run);
        run = await stored(store(), run.id);
      }
      expect([...run.tasks.keys()].sort()).toEqual(['a', 'c']);
    });

    test('keeps checkpoints until they are replaced or removed', async () => {
      const first = await commit(
        store(),
        change(await create(store()), {}, { tasks: [running('a', 1, { checkpoint: { at: 1 } })], checkpoints: ['a'] }),
      );
      expect((await stored(store(), first.id)).tasks.get('a')?.checkpoint).toEqual({ at: 1 });
      const second = await commit(store(), change(first, {}, { tasks: [running('a', 1, { checkpoint: null })], checkpoints: ['a'] }));
      expect(await stored(store(), first.id)).toEqual(second);
      const third = await commit(store(), change(second, {}, { tasks: [succeeded('a', 1)], checkpoints: ['a'] }));
      expect(await stored(store(), first.id)).toEqual(third);
    });

    test('leaves a change whose events do not continue those before out of its batch, and rejects it alone', async () => {
      const [a, b] = [await create(store()), await create(store())];
      const faulty = { ...change(a), events: [] };
      expect(await store().commit([faulty, change(b)], mark)).toEqual(new Set([b.id]));
      await expect(store().commit([faulty], mark)).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await stored(store(), a.id)).toEqual(a);
    });
  });

  describe('load', () => {
    test('leaves out what it does not know, whatever the ids look like', async () => {
      const run = await create(store());
      expect([...(await store().load([run.id, uuidv7(), 'not a uuid', '', '\0'])).keys()]).toEqual([run.id]);
    });
  });
}
