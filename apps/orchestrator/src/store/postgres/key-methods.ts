import { ConflictError, isUuid } from '@mainstay/types';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { ApiKeyRow, Store } from '../store.ts';
import { recordParameters } from './audit-methods.ts';
import type { Calm } from './calm.ts';
import type { Database } from './database.ts';
import type { ApiKey } from './generated/client.ts';
import { isStorable } from './run-methods.ts';
import { decodeText, encodeText } from './json.ts';
import * as sql from './sql/audit.ts';

type KeyMethods = Pick<Store, 'addApiKey' | 'apiKeyByHash' | 'apiKeys' | 'apiKeysExpiring' | 'revokeApiKey'>;

export function keyMethods(calm: Calm, database: Database): KeyMethods {
  return {
    addApiKey: async ({ id, tenant, name, scopes, prefix, hash, createdAt, expiresAt, revokedAt }, records) => {
      const key = [id, tenant, encodeText(name), [...scopes], prefix, hash, createdAt, expiresAt ?? null, revokedAt ?? null];
      const [row] = await database.query<{ n: number }>(sql.addApiKey, [...key, ...recordParameters(records)]);
      if (row?.n !== 1) throw new ConflictError('CONFLICT', 'There is such an API key already');
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
    apiKeysExpiring: (after, before) =>
      calm.run('api-keys-expiring', ({ apiKey }) =>
        apiKey.count({ where: { revokedAt: null, expiresAt: { gt: new Date(after), lte: new Date(before) } } }),
      ),
    revokeApiKey: async (tenant, id, records) => {
      if (!isUuid(id) || !isStorable(tenant)) return false;
      return (await database.query<{ n: number }>(sql.revokeApiKey, [tenant, id, ...recordParameters(records)]))[0]?.n === 1;
    },
  };
}

function toRow({ id, tenant, name, scopes, prefix, createdAt, expiresAt, revokedAt }: ApiKey): ApiKeyRow {
  return {
    ...{ id, tenant, name: decodeText(name), scopes, prefix, createdAt: createdAt.getTime() },
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(revokedAt && { revokedAt: revokedAt.getTime() }),
  };
}
