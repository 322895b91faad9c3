import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import { parseDefinition } from '../../pipeline/parse-definition.ts';
import type { AuditEntry, AuditFilter } from '../audit.ts';
import { newAuditEntry } from '../audit-entry.ts';
import type { StoreOf } from '../contract.ts';
import { change, failure, letter, mark } from './changes.ts';
import { commit, create, emptyStore } from './setup.ts';

function entry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...newAuditEntry({
      ...{ tenant: 'tenant-1', actor: 'key:1', action: 'log-level.changed', target: 'o-1', correlationId: 'c-1' },
      details: { level: 'debug' },
    }),
    ...more,
  };
}

export function auditContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);
  const list = async (filter: AuditFilter = {}, tenant = 'tenant-1') => (await store().auditRecords(tenant, filter, { limit: 100 })).items;

  describe('audit records', () => {
    test('are kept as they were given, with the time of the store, once', async () => {
      const before = store().now();
      const details = { text: 'NUL \0, half a pair \ud800, \uf8ff', list: [1, null, { deep: true }], ['__proto__']: 1 };
      const one = entry({ details, actor: 'jwt:\0x', target: '\ud800' });
      await store().record([one, entry({ tenant: 'tenant-2' })]);
      await store().record([one]);
      await store().record([]);
      const { tenant: _tenant, ...row } = one;
      const [kept, ...others] = await list();
      expect([kept, others]).toEqual([{ ...row, at: expect.any(Number) }, []]);
      expect(Math.abs((kept?.at ?? 0) - before)).toBeLessThan(5_000);
    });

    test('come with the version of a pipeline that they tell of, and with no other', async () => {
      const stages = ['a', 'b'].map((id) => ({ id, agent: 'noop' }));
      const told: number[] = [];
      const put = (some: readonly object[]) =>
        store().putPipeline('tenant-1', parseDefinition({ name: 'told', stages: some }), (version) => {
          told.push(version);
          return [entry({ action: 'pipeline.changed', target: 'told', details: { version } })];
        });
      await put(stages.slice(0, 1));
      await put(stages.slice(0, 1));
      const both = await Promise.all([put(stages), put(stages)]);
      expect(both.map(({ version, created }) => [version, created]).toSorted()).toEqual([
        [2, false],
        [2, true],
      ]);
      // both may be of one millisecond, and then neither is the newer one
      const kept = (await list({ action: 'pipeline.changed' })).map(({ details }) => details['version']);
      expect(kept.toSorted()).toEqual([1, 2]);
      const bad = entry({ id: 'no uuid' });
      const put3 = store().putPipeline('tenant-1', parseDefinition({ name: 'told', stages: stages.slice(1) }), () => [bad]);
      const stored = await put3.then(
        () => 3,
        () => 2,
      );
      expect(await store().newestVersion('tenant-1', 'told')).toBe(stored);
    });

    test('are all written or none', async () => {
      const bad = entry({ id: 'no uuid' });
      const fails = await store()
        .record([entry(), bad])
        .then(
          () => false,
          () => true,
        );
      // the memory store takes any id
      expect(fails ? await list() : []).toEqual([]);
    });

    test('are listed in pages, the newest first, each tenant its own', async () => {
      for (let n = 0; n < 5; n++) await store().record([entry({ target: `t-${String(n % 2)}`, actor: `key:${String(n)}` })]);
      await store().record([entry({ tenant: 'tenant-2' }), entry({ action: 'profile.taken', target: 't-9' })]);
      const seen: string[] = [];
      for (let cursor: string | undefined, more = true; more;) {
        const page = await store().auditRecords('tenant-1', {}, { limit: 2, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
        more = cursor !== undefined;
      }
      const all = await list();
      expect(seen).toEqual(all.map(({ id }) => id));
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => b - a));
      expect([all.length, new Set(seen).size]).toEqual([6, 6]);
      expect((await list({ action: 'profile.taken' })).map(({ target }) => target)).toEqual(['t-9']);
      expect(await list({ target: 't-1' })).toHaveLength(2);
      expect(await list({ target: 't-1', actor: 'key:3' })).toHaveLength(1);
      const middle = all[3]?.at ?? 0;
      expect((await list({ after: middle })).every(({ at }) => at > middle)).toBe(true);
      expect((await list({ before: middle })).every(({ at }) => at < middle)).toBe(true);
      expect((await list({ after: 0, before: middle + 1 })).length).toBeGreaterThan(0);
      expect(await list({ action: '\0' })).toEqual([]);
      expect(await list({}, '\0')).toEqual([]);
      await expect(store().auditRecords('tenant-1', {}, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    });

    test('leave when they are old, which is recorded, unless nothing but that was removed', async () => {
      await store().record([entry(), entry(), entry({ tenant: 'tenant-2' })]);
      const later = store().now() + 60_000;
      expect(await store().purgeAudit(1_000, 10)).toBe(0);
      expect(await store().purgeAudit(later, 2)).toBe(2);
      const all = async (filter: AuditFilter = {}) => [...(await list(filter)), ...(await list(filter, 'tenant-2'))];
      const told = await all({ action: 'audit.purged' });
      expect(told.reduce((sum, { details }) => sum + Number(details['records']), 0)).toBe(2);
      for (const { actor, details } of told) expect([actor, details['writtenBefore']]).toEqual(['system', new Date(later).toISOString()]);
      expect(await store().purgeAudit(later, 10)).toBe(1 + told.length);
      expect((await all()).map(({ action, details }) => [action, details['records']])).toEqual([['audit.purged', 1]]);
      expect(await store().purgeAudit(later, 10)).toBe(1);
      expect(await all()).toEqual([]);
    });
  });

  describe('what is done to the store is recorded with it', () => {
    test('a discarded dead letter, once', async () => {
      const run = await create(store());
      const a = letter('a');
      await commit(store(), change(run, { status: 'failed', error: failure }, { deadLetters: [a] }));
      const records = () => [entry({ action: 'dead-letter.discarded', target: a.id })];
      expect(await store().discardDeadLetter('tenant-2', a.id, 'eve', 'x', records())).toBe(false);
      expect(await list()).toEqual([]);
      expect(await store().discardDeadLetter('tenant-1', a.id, 'ann', 'x', records())).toBe(true);
      expect(await store().discardDeadLetter('tenant-1', a.id, 'ann', 'x', records())).toBe(false);
      expect((await list()).map(({ action, target }) => [action, target])).toEqual([['dead-letter.discarded', a.id]]);
    });

    test('each redriven dead letter, by its id; an edited one twice, with the hash of its input', async () => {
      const run = await create(store());
      const [a, b] = [letter('a'), letter('b')];
      const failed = await commit(store(), change(run, { status: 'failed', error: failure }, { deadLetters: [a, b] }));
      const redriven = [
        { stage: 'a', by: 'key:7', correlationId: 'c-7', asked: 'letter', input: { path: '/y' } },
        { stage: 'b', by: 'key:7', correlationId: 'c-7', asked: 'run' },
      ] as const;
      const retried = { ...change(failed, { status: 'running' }), redriven };
      await commit(store(), retried);
      const rows = await list();
      const facts = { actor: 'key:7', correlationId: 'c-7' };
      const details = { run: run.id, pipeline: run.pipeline };
      expect(rows).toHaveLength(3);
      expect(rows.find(({ target }) => target === b.id)).toMatchObject({
        ...{ ...facts, action: 'dead-letter.redriven', details: { ...details, stage: 'b', withRun: true } },
      });
      const ofA = rows.filter(({ target }) => target === a.id);
      expect(ofA.map(({ action }) => action).toSorted()).toEqual(['dead-letter.edited', 'dead-letter.redriven']);
      expect(ofA.find(({ action }) => action === 'dead-letter.edited')?.details).toEqual({
        ...{ ...details, stage: 'a', inputSha256: 'ad13e03d60001095882d22c9b79ea34f050212ed807265b08551a0d81e73b94c' },
      });
    });

    test('nothing of a change that was overtaken', async () => {
      const run = await create(store());
      const a = letter('a');
      const failed = await commit(store(), change(run, { status: 'failed', error: failure }, { deadLetters: [a] }));
      await commit(store(), change(failed, { status: 'running' }, { redriven: ['a'] }));
      const late = change(failed, { status: 'running' }, { redriven: ['a'] });
      expect((await store().commit([late], mark)).size).toBe(0);
      expect(await list()).toHaveLength(1);
    });

    test('keys that are made and revoked', async () => {
      const key = {
        ...{ id: uuidv7(), tenant: 'tenant-1', name: 'ci', scopes: ['runs:read'], prefix: 'ms_x', createdAt: 1_000, hash: uuidv7() },
      };
      const created = () => [entry({ action: 'api-key.created', target: key.id })];
      await store().addApiKey(key, created());
      await expect(store().addApiKey(key, created())).rejects.toMatchObject({ code: 'CONFLICT' });
      const revoked = () => [entry({ action: 'api-key.revoked', target: key.id })];
      expect(await store().revokeApiKey('tenant-2', key.id, revoked())).toBe(false);
      expect(await store().revokeApiKey('tenant-1', key.id, revoked())).toBe(true);
      expect(await store().revokeApiKey('tenant-1', key.id, revoked())).toBe(true);
      expect((await list()).map(({ action }) => action).toSorted()).toEqual(['api-key.created', 'api-key.revoked']);
    });
  });
}
