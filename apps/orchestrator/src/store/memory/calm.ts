import { ConflictError } from '@mainstay/types';
import type { Definition } from '../../pipeline/model.ts';
import { canonicalJson } from '../canonical.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { ApiKeyRow, PipelineRow, Store } from '../store.ts';
import { addRecords } from './audit.ts';
import { freezeDeep } from './freeze.ts';
import { newestFirst } from './read.ts';
import { pairKey, type Tables } from './tables.ts';

type PipelineMethods = Pick<Store, 'putPipeline' | 'pipeline' | 'newestVersion' | 'pipelines'>;
type KeyMethods = Pick<Store, 'addApiKey' | 'apiKeyByHash' | 'apiKeys' | 'apiKeysExpiring' | 'revokeApiKey'>;
type ClusterMethods = Pick<Store, 'checkIn' | 'orchestrators' | 'checkOut' | 'epoch' | 'setEpoch' | 'learnKinds' | 'knownKinds'>;

export function pipelineMethods(tables: Tables): PipelineMethods {
  return {
    putPipeline: (tenant, definition, recordsOf) => {
      const put = putPipeline(tables, tenant, definition);
      if (put.created && recordsOf !== undefined) addRecords(tables, recordsOf(put.version));
      return Promise.resolve(put);
    },
    newestVersion: (tenant, name) => Promise.resolve(tables.pipelines.get(pairKey(tenant, name))?.versions.at(-1)?.version),
    pipeline: (tenant, name, version) => {
      const versions = tables.pipelines.get(pairKey(tenant, name))?.versions;
      return Promise.resolve(version === undefined ? versions?.at(-1) : versions?.[version - 1]);
    },
    pipelines: (tenant, page) =>
      Promise.resolve().then(() => {
        const after = cursorKey(page);
        const rows = [...tables.pipelines.values()].filter((row) => row.tenant === tenant && (after === undefined || row.name > after));
        rows.sort((a, b) => (a.name < b.name ? -1 : 1));
        const newest = rows.slice(0, pageLimit(page) + 1).flatMap(({ versions }): readonly PipelineRow[] => versions.slice(-1));
        return toPage(newest, pageLimit(page), ({ name }) => name);
      }),
  };
}

function putPipeline(tables: Tables, tenant: string, definition: Definition): { version: number; created: boolean } {
  const key = pairKey(tenant, definition.name);
  const entry = tables.pipelines.get(key) ?? { tenant, name: definition.name, versions: [] };
  const version = entry.versions.length;
  const newest = entry.versions.at(-1);
  if (newest !== undefined && canonicalJson(newest.definition) === canonicalJson(definition)) return { version, created: false };
  const row = {
    name: definition.name,
    version: version + 1,
    definition: JSON.parse(JSON.stringify(definition)) as Definition,
    createdAt: tables.now(),
  };
  entry.versions.push(freezeDeep(row));
  tables.pipelines.set(key, entry);
  return { version: version + 1, created: true };
}

export function keyMethods(tables: Tables): KeyMethods {
  const find = (hash: string): (ApiKeyRow & { readonly hash: string }) | undefined =>
    [...tables.apiKeys.values()].find((key) => key.hash === hash);
  return {
    addApiKey: (key, records) => {
      if (tables.apiKeys.has(key.id) || find(key.hash))
        return Promise.reject(new ConflictError('CONFLICT', 'There is such an API key already'));
      tables.apiKeys.set(key.id, freezeDeep({ ...key, scopes: [...key.scopes] }));
      addRecords(tables, records);
      return Promise.resolve();
    },
    apiKeyByHash: (hash) => Promise.resolve(withoutHash(find(hash))),
    apiKeys: async (tenant, page) => await newestFirst([...tables.apiKeys.values()], (key) => key.tenant === tenant, page, withoutHash),
    apiKeysExpiring: (after, before) => {
      const expires = ({ revokedAt, expiresAt = Infinity }: ApiKeyRow): boolean =>
        revokedAt === undefined && expiresAt > after && expiresAt <= before;
      return Promise.resolve([...tables.apiKeys.values()].filter(expires).length);
    },
    revokeApiKey: (tenant, id, records) => {
      const key = tables.apiKeys.get(id);
      if (key?.tenant !== tenant) return Promise.resolve(false);
      if (key.revokedAt !== undefined) return Promise.resolve(true);
      tables.apiKeys.set(id, Object.freeze({ ...key, revokedAt: tables.now() }));
      addRecords(tables, records);
      return Promise.resolve(true);
    },
  };
}

function withoutHash<T extends (ApiKeyRow & { readonly hash: string }) | undefined>(key: T): T extends undefined ? undefined : ApiKeyRow;
function withoutHash(key: (ApiKeyRow & { readonly hash: string }) | undefined): ApiKeyRow | undefined {
  if (key === undefined) return undefined;
  const { id, tenant, name, scopes, prefix, createdAt, expiresAt, revokedAt } = key;
  return {
    ...{ id, tenant, name, scopes, prefix, createdAt },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}

export function clusterMethods(tables: Tables): ClusterMethods {
  return {
    checkIn: ({ orchestrator, published }) => {
      tables.orchestrators.set(orchestrator, { published, seenAt: tables.now() });
      return Promise.resolve();
    },
    orchestrators: () => Promise.resolve([...tables.orchestrators.keys()].sort()),
    checkOut: (name) => {
      tables.orchestrators.delete(name);
      return Promise.resolve();
    },
    epoch: () => Promise.resolve(tables.epoch),
    setEpoch: (expected, next) => {
      if (tables.epoch === expected) tables.epoch = next;
      return Promise.resolve(tables.epoch ?? next);
    },
    learnKinds: (kinds) => {
      for (const kind of kinds) tables.kinds.add(kind);
      return Promise.resolve();
    },
    knownKinds: () => Promise.resolve(new Set(tables.kinds)),
  };
}
