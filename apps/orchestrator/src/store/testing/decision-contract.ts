import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { StoreOf } from '../contract.ts';
import type { DeadLetterFilter } from '../store.ts';
import { change, decision, end, failure, letter, mark, newRun } from './changes.ts';
import { commit, create, createAll, emptyStore, stored } from './setup.ts';

export function decisionContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('decisions', () => {
    test('are open until they are answered', async () => {
      const run = await create(store());
      const question = decision(uuidv7(), 'a', {
        kind: 'gate',
        expiresAt: 9_000,
        question: { key: 'k', question: 'Go?', options: ['yes', null] },
      });
      const waiting = await commit(store(), change(run, { status: 'waiting' }, { opened: [question] }));
      expect(await stored(store(), run.id)).toEqual(waiting);
      const open = { ...question, run: run.id, status: 'open' };
      expect(await store().decision('tenant-1', question.id)).toEqual(open);
      const answer = { id: question.id, answer: null, comment: 'fine', by: 'ann', at: 2_000 };
      const on = await commit(store(), change(waiting, { status: 'running' }, { closed: [answer] }));
      expect(await stored(store(), run.id)).toEqual(on);
      const answered = { ...open, status: 'answered', answer: null, comment: 'fine', by: 'ann', answeredAt: 2_000 };
      expect(await store().decision('tenant-1', question.id)).toEqual(answered);
      expect(await store().decisions('tenant-1', {}, { limit: 10 })).toEqual({ items: [answered] });
    });

    test('that nobody can answer any more are not shown', async () => {
      const run = await create(store());
      const question = decision(uuidv7(), 'a');
      const waiting = await commit(store(), change(run, { status: 'waiting' }, { opened: [question] }));
      const over = await commit(store(), change(waiting, { status: 'cancelled', finishedAt: 9 }, { withdrawn: [question.id] }));
      expect(await stored(store(), run.id)).toEqual(over);
      expect(await store().decision('tenant-1', question.id)).toBeUndefined();
      expect(await store().decisions('tenant-1', {}, { limit: 10 })).toEqual({ items: [] });
    });

    test('may be opened and answered by one change, or opened by the creation of the run', async () => {
      const question = decision(uuidv7(), 'a');
      const closed = [{ id: question.id, answer: 'yes', by: 'default', at: 5 }];
      await commit(store(), change(await create(store()), {}, { opened: [question], closed }));
      expect(await store().decision('tenant-1', question.id)).toMatchObject({ status: 'answered', answer: 'yes', by: 'default' });
      const run = newRun();
      const asked = decision(uuidv7(), 'a');
      const started = { ...run.started, opened: [asked], state: { ...run.started.state, decisions: new Map([[asked.id, asked]]) } };
      await store().create([{ ...run, started }], mark);
      expect(await stored(store(), run.queued.state.id)).toEqual(started.state);
    });

    test('are listed newest first by status and run, each tenant its own', async () => {
      const [a, b] = [await create(store()), await create(store())];
      const ids = Array.from({ length: 5 }, (_, index) => uuidv7(1_000 + index));
      const open = (id: string): ReturnType<typeof decision> => decision(id, 'a');
      const [d0 = '', d1 = '', d2 = '', d3 = '', d4 = ''] = ids;
      const first = await commit(store(), change(a, {}, { opened: [open(d0), open(d1), open(d2)] }));
      await commit(store(), change(b, {}, { opened: [open(d3), open(d4)] }));
      await commit(store(), change(first, {}, { closed: [{ id: d1, answer: 1, by: 'me', at: 1 }] }));
      const list = async (filter: object, tenant = 'tenant-1'): Promise<readonly string[]> =>
        (await store().decisions(tenant, filter, { limit: 10 })).items.map(({ id }) => id);
      expect(await list({})).toEqual([d4, d3, d2, d1, d0]);
      expect(await list({ status: 'open' })).toEqual([d4, d3, d2, d0]);
      expect(await list({ status: 'answered' })).toEqual([d1]);
      expect(await list({ run: a.id, status: 'open' })).toEqual([d2, d0]);
      expect(await list({ run: 'nonsense' })).toEqual([]);
      expect(await list({}, 'tenant-2')).toEqual([]);
      expect(await store().decision('tenant-2', d0)).toBeUndefined();
      expect(await store().decision('tenant-1', 'nonsense')).toBeUndefined();
    });
  });

  describe('dead letters', () => {
    test('are kept with what is needed to redrive them, and marked when they were', async () => {
      const run = await create(store());
      const [a, b] = [letter('a'), letter('b')];
      const failed = await commit(store(), change(run, { status: 'failed', error: failure }, { deadLetters: [a, b] }));
      const row = { ...a, run: run.id, pipeline: 'review' };
      expect(await store().deadLetter('tenant-1', a.id)).toEqual(row);
      const again = letter('a');
      await commit(store(), change(failed, { status: 'running' }, { redriven: ['a'], deadLetters: [again], at: 8_000 }));
      expect(await store().deadLetter('tenant-1', a.id)).toEqual({ ...row, redrivenAt: 8_000 });
      for (const { id } of [b, again]) expect((await store().deadLetter('tenant-1', id))?.redrivenAt).toBeUndefined();
    });

    test('are discarded once, with who and why, while they wait', async () => {
      const run = await create(store());
      const [a, b] = [letter('a'), letter('b')];
      const failed = await commit(store(), change(run, { status: 'failed', error: failure }, { deadLetters: [a, b] }));
      expect(await store().discardDeadLetter('tenant-2', a.id, 'eve', 'x', [])).toBe(false);
      for (const id of [uuidv7(), 'nonsense']) expect(await store().discardDeadLetter('tenant-1', id, 'ann', 'x', [])).toBe(false);
      const both = await Promise.all(['no \0 use', 'other'].map((why) => store().discardDeadLetter('tenant-1', a.id, 'ann', why, [])));
      expect(both.toSorted()).toEqual([false, true]);
      const reason = both[0] === true ? 'no \0 use' : 'other';
      const row = await store().deadLetter('tenant-1', a.id);
      expect(row).toMatchObject({ discardedBy: 'ann', discardReason: reason, discardedAt: expect.any(Number) });
      expect(row?.redrivenAt).toBeUndefined();
      await commit(store(), change(failed, { status: 'running' }, { redriven: ['b'], at: 8_000 }));
      expect(await store().discardDeadLetter('tenant-1', b.id, 'ann', 'x', [])).toBe(false);
      expect((await store().deadLetter('tenant-1', b.id))?.discardedAt).toBeUndefined();
    });

    test('are found by what they are', async () => {
      const one = await create(store());
      const two = await create(store(), { pipeline: 'other' });
      const [a, b] = [letter('a'), { ...letter('b'), agent: 'picky', error: { ...failure, code: 'AGENT_REJECTED' } }];
      const [c, d] = [letter('a'), letter('b')];
      const failed = await commit(store(), change(one, { status: 'failed' }, { deadLetters: [a, b] }));
      await commit(store(), change(two, { status: 'failed' }, { deadLetters: [c, d] }));
      await commit(store(), change(failed, { status: 'running' }, { redriven: ['a'], at: 8_000 }));
      await store().discardDeadLetter('tenant-1', c.id, 'ann', 'x', []);
      const find = async (filter: DeadLetterFilter) =>
        (await store().deadLetters('tenant-1', { limit: 10 }, filter)).items.map(({ id }) => id).toSorted();
      const ids = (...rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).toSorted();
      expect(await find({})).toEqual(ids(a, b, c, d));
      expect(await find({ status: 'waiting' })).toEqual(ids(b, d));
      expect(await find({ status: 'redriven' })).toEqual(ids(a));
      expect(await find({ status: 'discarded' })).toEqual(ids(c));
      expect(await find({ run: one.id })).toEqual(ids(a, b));
      expect(await find({ pipeline: 'other', stage: 'b' })).toEqual(ids(d));
      expect(await find({ agent: 'picky' })).toEqual(ids(b));
      expect(await find({ code: 'AGENT_REJECTED', status: 'waiting' })).toEqual(ids(b));
      for (const none of [{ run: 'nonsense' }, { pipeline: 'x\0' }, { code: 'OTHER' }]) expect(await find(none)).toEqual([]);
    });

    test('are listed newest first, each tenant its own', async () => {
      const [mine, theirs] = await createAll(store(), [newRun(), newRun({ tenant: 'tenant-2' })]);
      const ids = Array.from({ length: 3 }, (_, index) => uuidv7(1_000 + index));
      await commit(store(), change(mine ?? newRun().queued.state, {}, { deadLetters: ids.map((id) => letter('a', id)) }));
      await commit(store(), change(theirs ?? newRun().queued.state, {}, { deadLetters: [letter('a')] }));
      const page = await store().deadLetters('tenant-1', { limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      const rest = await store().deadLetters('tenant-1', { limit: 2, ...(page.cursor !== undefined && { cursor: page.cursor }) });
      expect(rest.items.map(({ id }) => id)).toEqual([ids[0]]);
      expect(rest.cursor).toBeUndefined();
      expect(await store().deadLetter('tenant-2', ids[0] ?? '')).toBeUndefined();
    });

    test('are left alone by the end of their run', async () => {
      const run = await create(store());
      const a = letter('a');
      const failed = await commit(store(), change(run, {}, { deadLetters: [a] }));
      await commit(store(), end(failed));
      expect(await store().deadLetter('tenant-1', a.id)).toBeDefined();
    });
  });
}
