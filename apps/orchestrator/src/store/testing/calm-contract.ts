import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import type { Definition } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import { definition } from './changes.ts';
import { emptyStore } from './setup.ts';

export function calmContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('pipelines', () => {
    test('get a new version when they differ from the newest', async () => {
      const one = definition('review', { concurrency: 2, timeoutMs: 5 });
      const sameInOtherOrder: Definition = { timeoutMs: 5, stages: [], concurrency: 2, name: 'review' };
      expect(await store().putPipeline('tenant-1', one)).toEqual({ version: 1, created: true });
      expect(await store().putPipeline('tenant-1', sameInOtherOrder)).toEqual({ version: 1, created: false });
      expect(await store().putPipeline('tenant-1', definition('review'))).toEqual({ version: 2, created: true });
      expect(await store().putPipeline('tenant-1', one)).toEqual({ version: 3, created: true });
      expect(await store().pipeline('tenant-1', 'review')).toMatchObject({ version: 3, definition: one });
      expect(await store().pipeline('tenant-1', 'review', 2)).toMatchObject({ version: 2, definition: definition('review') });
      for (const version of [4, 0, -1]) expect(await store().pipeline('tenant-1', 'review', version)).toBeUndefined();
      expect(await store().newestVersion('tenant-1', 'review')).toBe(3);
      for (const [tenant, name] of [
        ['tenant-2', 'review'],
        ['tenant-1', 'revie'],
        ['tenant-1', 'review\0'],
      ] as const)
        expect(await store().newestVersion(tenant, name)).toBeUndefined();
      expect(await store().pipeline('tenant-2', 'review')).toBeUndefined();
      expect(await store().pipeline('tenant-1', 'review\0')).toBeUndefined();
    });

    test('are numbered without gaps when many put them at once', async () => {
      const puts = Array.from({ length: 8 }, (_, index) => store().putPipeline('tenant-1', definition('review', { timeoutMs: index })));
      const versions = (await Promise.all(puts)).map(({ version }) => version);
      expect(versions.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test('are listed by name in their newest version', async () => {
      for (const name of ['c', 'a', 'b']) await store().putPipeline('tenant-1', definition(name));
      await store().putPipeline('tenant-1', definition('b', { timeoutMs: 1 }));
      await store().putPipeline('tenant-2', definition('z'));
      const page = await store().pipelines('tenant-1', { limit: 2 });
      expect(page.items.map(({ name, version }) => [name, version])).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
      await store().putPipeline('tenant-1', definition('aa'));
      const rest = await store().pipelines('tenant-1', { limit: 2, ...(page.cursor !== undefined && { cursor: page.cursor }) });
      expect(rest).toMatchObject({ items: [{ name: 'c' }] });
      expect(rest.cursor).toBeUndefined();
    });
  });

  describe('API keys', () => {
    const key = (id: string, tenant = 'tenant-1') => ({
      ...{
        id,
        tenant,
        name: 'for tests ✓',
        scopes: ['runs:read', 'runs:write'],
        prefix: 'ms_abc',
        hash: `hash of ${id}`,
        createdAt: 1_000,
      },
    });

    test('are found by their hash, of any tenant', async () => {
      const { hash, ...row } = { ...key(uuidv7()), expiresAt: 5_000 };
      await store().addApiKey({ ...row, hash }, []);
      expect(await store().apiKeyByHash(hash)).toEqual(row);
      expect(await store().apiKeyByHash('another')).toBeUndefined();
      expect(await store().apiKeyByHash('\0')).toBeUndefined();
    });

    test('cannot be added twice', async () => {
      const one = key(uuidv7());
      await store().addApiKey(one, []);
      await expect(store().addApiKey(one, [])).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(store().addApiKey({ ...one, id: uuidv7() }, [])).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test('are revoked once, by their own tenant', async () => {
      const one = key(uuidv7());
      await store().addApiKey(one, []);
      expect(await store().revokeApiKey('tenant-2', one.id, [])).toBe(false);
      expect(await store().revokeApiKey('tenant-1', uuidv7(), [])).toBe(false);
      expect(await store().revokeApiKey('tenant-1', 'x', [])).toBe(false);
      expect((await store().apiKeyByHash(one.hash))?.revokedAt).toBeUndefined();
      expect(await store().revokeApiKey('tenant-1', one.id, [])).toBe(true);
      const revokedAt = (await store().apiKeyByHash(one.hash))?.revokedAt;
      expect(revokedAt).toBeGreaterThan(0);
      expect(await store().revokeApiKey('tenant-1', one.id, [])).toBe(true);
      expect((await store().apiKeyByHash(one.hash))?.revokedAt).toBe(revokedAt);
    });

    test('that expire before a time are counted, for all tenants, unless they are revoked or have expired', async () => {
      const at = (expiresAt: number, tenant?: string) => ({ ...key(uuidv7(), tenant), expiresAt });
      const [soon, revoked] = [at(Date.now() + 60_000), at(Date.now() + 60_000)];
      const others = [at(Date.now() - 60_000), at(Date.now() + 600_000), key(uuidv7()), at(Date.now() + 70_000, 'tenant-2')];
      for (const one of [soon, revoked, ...others]) await store().addApiKey(one, []);
      await store().revokeApiKey('tenant-1', revoked.id, []);
      expect(await store().apiKeysExpiring(Date.now(), Date.now() + 120_000)).toBe(2);
    });

    test('are listed newest first', async () => {
      const ids = Array.from({ length: 3 }, (_, index) => uuidv7(1_000 + index));
      for (const id of ids) await store().addApiKey(key(id), []);
      await store().addApiKey(key(uuidv7(), 'tenant-2'), []);
      const page = await store().apiKeys('tenant-1', { limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      const rest = await store().apiKeys('tenant-1', { limit: 2, ...(page.cursor !== undefined && { cursor: page.cursor }) });
      expect(rest.items.map(({ id }) => id)).toEqual([ids[0]]);
    });
  });

  describe('agent kinds', () => {
    test('are remembered', async () => {
      await store().learnKinds([]);
      await store().learnKinds(['b', 'a', 'b']);
      await store().learnKinds(['c', 'a']);
      expect([...(await store().knownKinds())].sort()).toEqual(['a', 'b', 'c']);
    });
  });

  describe('life', () => {
    test('answers a ping and tells the time, which never goes back', async () => {
      await store().ping(AbortSignal.timeout(10_000));
      const times = Array.from({ length: 1_000 }, () => store().now());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.every((time) => Number.isInteger(time) && Math.abs(time - Date.now()) < 60_000)).toBe(true);
      await expect(store().ping(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    });
  });
}
