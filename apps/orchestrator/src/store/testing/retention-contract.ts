import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { RunState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import type { RunEnd, Store } from '../store.ts';
import { change, decision, failure, mark, newRun, type NewRunOptions, running } from './changes.ts';
import { commit, create, emptyStore } from './setup.ts';

const statuses = ['succeeded', 'failed', 'cancelled'] as const;

export function retentionContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('ended', () => {
    test('tells the ends of runs in the order of time and id, a page at a time', async () => {
      const ends: RunEnd[] = [];
      for (const [index, at] of [5_000, 3_000, 5_000, 1_000, 4_000].entries()) {
        const status = statuses[index % 3] ?? 'failed';
        ends.push({ run: (await ended(store(), at, status)).id, status, at });
      }
      await create(store());
      await ended(store(), 4_500, 'failed', { tenant: 'tenant-2' });
      const [a, b, c, d, e] = ends;
      const [first, second] = [a, c].sort((x, y) => ((x?.run ?? '') < (y?.run ?? '') ? -1 : 1));
      expect(await store().ended('tenant-1', 0, undefined, 10)).toEqual([d, b, e, first, second]);
      expect(await store().ended('tenant-1', 3_000, undefined, 2)).toEqual([b, e]);
      expect(await store().ended('tenant-1', 3_000, e, 1)).toEqual([first]);
      expect(await store().ended('tenant-1', 3_000, first, 10)).toEqual([second]);
      expect(await store().ended('tenant-1', 4_000, d, 10)).toEqual([e, first, second]);
      expect(await store().ended('tenant-1', 5_001, undefined, 10)).toEqual([]);
      expect(await store().ended('tenant-3', 0, undefined, 10)).toEqual([]);
      expect(await store().ended('tenant-1\0', 0, undefined, 10)).toEqual([]);
    });

    test('forgets the end of a run that goes on', async () => {
      const over = await ended(store(), 1_000, 'failed');
      await commit(store(), change(withoutEnd(over), { status: 'running' }, { events: ['run.retried'] }));
      expect(await store().ended('tenant-1', 0, undefined, 10)).toEqual([]);
      expect(await store().history()).toEqual({ runs: 0 });
    });
  });

  describe('endedAround', () => {
    const sampled = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

    test('names the runs that failed, or are sampled, and ended around the last sign of life of an orchestrator, the last first', async () => {
      await store().checkIn({ ...mark, orchestrator: 'dead' });
      const now = store().now();
      const told = [
        await ended(store(), now - 900, 'succeeded', { traceparent: sampled }),
        await ended(store(), now + 500, 'failed', { tenant: 'tenant-2', traceparent: `${sampled.slice(0, -2)}00` }),
        await ended(store(), now + 900, 'cancelled', { tenant: 'tenant-3', traceparent: `${sampled.slice(0, -2)}03` }),
      ].map(({ id }) => id);
      await ended(store(), now, 'succeeded', { traceparent: `${sampled.slice(0, -2)}02` });
      await ended(store(), now - 60_000, 'failed', { traceparent: sampled });
      await ended(store(), now + 60_000, 'failed', { traceparent: sampled });
      await create(store(), { traceparent: sampled });
      expect(await store().endedAround('dead', 20_000, 20_000, 10)).toEqual(told.reverse());
      expect(await store().endedAround('dead', 20_000, 20_000, 2)).toEqual(told.slice(0, 2));
      expect(await store().endedAround('unknown', 20_000, 20_000, 10)).toEqual([]);
    });
  });

  describe('purge', () => {
    test('removes the oldest finished runs of all tenants, as many as asked for, and counts them', async () => {
      const runs: RunState[] = [];
      for (const [index, at] of [4_000, 2_000, 1_000, 3_000].entries()) {
        runs.push(await ended(store(), at, 'succeeded', { tenant: `tenant-${String(index % 2)}` }));
      }
      const alive = await create(store());
      expect(await store().history()).toEqual({ runs: 4, oldestEndedAt: 1_000 });
      for (const [before, past] of [
        [1_000, 0],
        [3_000, 2],
        [9_000, 4],
      ] as const) {
        expect(await store().history(before)).toEqual({ runs: 4, oldestEndedAt: 1_000, past });
      }
      expect(await store().purge(4_000, 2)).toBe(2);
      expect(await store().history()).toEqual({ runs: 2, oldestEndedAt: 3_000 });
      expect(await store().purge(4_000, 10)).toBe(1);
      expect(await store().purge(4_000, 10)).toBe(0);
      const ids = [...runs, alive].map(({ id }) => id);
      expect([...(await store().load(ids)).keys()].sort()).toEqual([runs[0]?.id, alive.id].sort());
    });

    test('removes with a run all that belongs to it', async () => {
      const idempotency = { key: 'key', hash: 'a'.repeat(64) };
      const run = await create(store(), { idempotency });
      const question = decision(uuidv7(), 'a');
      const letter = { id: uuidv7(), stage: 'a', agent: 'noop', attempt: 1, losses: 0, input: 1, error: failure, at: 1 };
      const deeds = { tasks: [running('a', 1, { checkpoint: 1 })], checkpoints: ['a'], opened: [question], deadLetters: [letter] };
      const closed = [{ id: question.id, answer: 1, by: 'me', at: 1 }];
      await commit(store(), change(run, { status: 'failed', error: failure, finishedAt: 1_000 }, { ...deeds, closed }));
      expect(await store().purge(1_000, 10)).toBe(0);
      expect(await store().purge(1_001, 10)).toBe(1);
      expect(await store().run('tenant-1', run.id)).toBeUndefined();
      expect(await store().events('tenant-1', run.id, 0, 10)).toBeUndefined();
      expect(await store().decision('tenant-1', question.id)).toBeUndefined();
      expect(await store().deadLetter('tenant-1', letter.id)).toBeUndefined();
      const again = newRun({ idempotency, id: run.id });
      expect(await store().create([again], mark)).toEqual([{ status: 'created', change: again.started }]);
      expect((await store().load([run.id])).get(run.id)).toEqual(again.started.state);
    });
  });
}

/** A run that ended at a time. */
async function ended(store: Store, at: number, status: (typeof statuses)[number], options: NewRunOptions = {}): Promise<RunState> {
  return await commit(store, change(await create(store, options), { status, finishedAt: at }));
}

function withoutEnd(run: RunState): RunState {
  const bare = { ...run };
  Reflect.deleteProperty(bare, 'finishedAt');
  return bare;
}
