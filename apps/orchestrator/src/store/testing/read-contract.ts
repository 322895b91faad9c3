import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { StoreOf } from '../contract.ts';
import type { Page, PageRequest } from '../store.ts';
import { change, end, failure, mark, newRun } from './changes.ts';
import { commit, create, createAll, emptyStore } from './setup.ts';

export function readContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('run', () => {
    test('is read by its own tenant only', async () => {
      const run = await create(store());
      expect(await store().run('tenant-1', run.id)).toEqual(run);
      for (const [tenant, id] of [
        ['tenant-2', run.id],
        ['', run.id],
        ['tenant-1\0', run.id],
        ['tenant-1', uuidv7()],
        ['tenant-1', 'x'],
      ] as const) {
        expect(await store().run(tenant, id)).toBeUndefined();
      }
    });
  });

  describe('runs', () => {
    test('are listed newest first without tasks, input and output', async () => {
      const run = await create(store(), { priority: 5 });
      await commit(store(), change(run, { status: 'failed', error: failure, finishedAt: 9_000, output: 1 }));
      expect(await store().runs('tenant-1', {}, { limit: 10 })).toEqual({
        items: [
          {
            ...{ id: run.id, pipeline: 'review', version: 1, status: 'failed', priority: 5, error: failure },
            ...{ createdAt: 500, startedAt: 600, finishedAt: 9_000 },
          },
        ],
      });
    });

    test('are filtered by status, pipeline and tenant', async () => {
      const runs = await createAll(store(), [
        ...[newRun({ id: uuidv7(1) }), newRun({ id: uuidv7(2), pipeline: 'other' })],
        ...[newRun({ id: uuidv7(3), tenant: 'tenant-2' }), newRun({ id: uuidv7(4) })],
      ]);
      const [a, b, c, d] = runs.map(({ id }) => id);
      await commit(store(), end(runs[3] ?? newRun().queued.state));
      const list = async (filter: object, tenant = 'tenant-1'): Promise<readonly string[]> =>
        (await store().runs(tenant, filter, { limit: 10 })).items.map(({ id }) => id);
      expect(await list({})).toEqual([d, b, a]);
      expect(await list({ status: 'running' })).toEqual([b, a]);
      expect(await list({ pipeline: 'review' })).toEqual([d, a]);
      expect(await list({ pipeline: 'review', status: 'succeeded' })).toEqual([d]);
      expect(await list({ pipeline: 'a\0b' })).toEqual([]);
      expect(await list({}, 'tenant-2')).toEqual([c]);
      expect(await list({}, 'tenant-3')).toEqual([]);
    });

    test('come in pages that stay right while runs are added', async () => {
      const ids = Array.from({ length: 7 }, (_, index) => uuidv7(1_000 + index));
      await store().create(
        ids.map((id) => newRun({ id })),
        mark,
      );
      const seen: string[] = [];
      let page: PageRequest = { limit: 3 };
      for (let pages = 0; pages < 5; pages++) {
        const { items, cursor }: Page<{ readonly id: string }> = await store().runs('tenant-1', {}, page);
        seen.push(...items.map(({ id }) => id));
        if (cursor === undefined) break;
        await create(store());
        page = { limit: 3, cursor };
      }
      expect(seen).toEqual(ids.toReversed());
    });

    test('refuse a cursor that is not theirs', async () => {
      for (const cursor of ['', 'x', Buffer.from('not-a-uuid').toString('base64url'), '\0', '%%%']) {
        await expect(store().runs('tenant-1', {}, { limit: 3, cursor })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
      }
    });
  });

  describe('events', () => {
    test('come in order, after a number, as many as asked for', async () => {
      let run = await create(store());
      for (let step = 0; step < 5; step++)
        run = await commit(store(), change(run, {}, { events: ['task.progress', 'task.emitted', 'task.lost'] }));
      const read = async (after: number, limit: number): Promise<readonly number[] | undefined> =>
        (await store().events('tenant-1', run.id, after, limit))?.map(({ seq }) => seq);
      expect(await read(0, 100)).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
      expect(await read(4, 3)).toEqual([5, 6, 7]);
      expect(await read(17, 3)).toEqual([18]);
      expect(await read(18, 3)).toEqual([]);
      expect(await read(-5, 1)).toEqual([1]);
      expect(await read(1e12, 1)).toEqual([]);
      expect(await read(0, 0)).toEqual([]);
    });

    test('carry what happened', async () => {
      const before = await create(store());
      const step = change(before, {}, { events: ['task.emitted'], at: 3_210 });
      const event = { seq: 4, at: 3_210, type: 'task.emitted' as const, task: 'a', data: { name: 'n', list: [1, null] } };
      await commit(store(), { ...step, events: [event] });
      expect(await store().events('tenant-1', before.id, 3, 10)).toEqual([event]);
    });

    test('of an unknown or foreign run are undefined', async () => {
      const run = await create(store());
      expect(await store().events('tenant-2', run.id, 0, 10)).toBeUndefined();
      expect(await store().events('tenant-1', uuidv7(), 0, 10)).toBeUndefined();
      expect(await store().events('tenant-1', 'x', 0, 10)).toBeUndefined();
    });
  });
}
