import { ConflictError, isUuid } from '@mainstay/types';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { ApiKeyRow, Store } from '../store.ts';
import { type Calm, isDuplicate } from './calm.ts';
import type { ApiKey } from './generated/client.ts';
import { isStorable } from './run-methods.ts';

type KeyMethods = Pick<Store, 'addApiKey' | 'apiKeyByHash' | 'apiKeys' | 'revokeApiKey'>;

export function keyMethods(calm: Calm, now: () => number): KeyMethods {
  return {
    addApiKey: async ({ id, tenant, name, scopes, prefix, hash, createdAt, expiresAt, revokedAt }) => {
      const times = { createdAt: new Date(createdAt), expiresAt: dateOf(expiresAt), revokedAt: dateOf(revokedAt) };
      try {
        await calm.run('add-api-key', ({ apiKey }) =>
          apiKey.create({ data: { id, tenant, name, scopes: [...scopes], prefix, hash, ...times } }),
        );
      } catch (error) {
        if (isDuplicate(error)) throw new ConflictError('CONFLICT', 'There is such an API key already', { cause: error });
        throw error;
      }
    },
    apiKeyByHash: async (hash) => {
      if (!isStorable(hash)) return undefined;
      const row = await calm.run('api-key-by-hash', ({ apiKey }) => apiKey.findUnique({ where: { hash } }));
      return row === null ? undefined : toRow(row);
    },
    apiKeys: async (tenant, page) => {
      const limit = pageLimit(page);
      const before = cursorKey(page, isUuid);
      const rows = await calm.run('api-keys', ({ apiKey }) =>
        apiKey.findMany({
          where: { tenant, ...(before !== undefined && { id: { lt: before } }) },
          orderBy: { id: 'desc' },
          take: limit + 1,
        }),
      );
      return toPage(rows.map(toRow), limit, ({ id }) => id);
    },
    revokeApiKey: async (tenant, id) => {
      if (!isUuid(id) || !isStorable(tenant)) return false;
      return await calm.run('revoke-api-key', async ({ apiKey }) => {
        const { count } = await apiKey.updateMany({ where: { tenant, id, revokedAt: null }, data: { revokedAt: new Date(now()) } });
        return count > 0 || (await apiKey.count({ where: { tenant, id } })) > 0;
      });
    },
  };
}

function dateOf(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}

function toRow({ id, tenant, name, scopes, prefix, createdAt, expiresAt, revokedAt }: ApiKey): ApiKeyRow {
  return {
    ...{ id, tenant, name, scopes, prefix, createdAt: createdAt.getTime() },
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(revokedAt && { revokedAt: revokedAt.getTime() }),
  };
}
