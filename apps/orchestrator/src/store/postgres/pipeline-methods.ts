import { ConflictError } from '@mainstay/types';
import type { Definition } from '../../pipeline/model.ts';
import { canonicalHash } from '../canonical.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { PipelineRow, Store } from '../store.ts';
import { type Calm, isDuplicate } from './calm.ts';
import type { Database } from './database.ts';
import type { Pipeline } from './generated/client.ts';
import { decodeParsed, encodeJson } from './json.ts';
import { isStorable } from './run-methods.ts';
import { newestVersion } from './sql/pipelines.ts';

type PipelineMethods = Pick<Store, 'putPipeline' | 'pipeline' | 'newestVersion' | 'pipelines'>;

/** Writers of the same pipeline that may be ahead of us before we give up. */
const MAX_ATTEMPTS = 20;

export function pipelineMethods(calm: Calm, database: Database): PipelineMethods {
  return {
    putPipeline: async (tenant, definition) => {
      const hash = canonicalHash(definition);
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const put = await putOnce(calm, tenant, definition, hash);
        if (put !== undefined) return put;
      }
      throw new ConflictError('CONFLICT', `Too many others are putting pipeline ${definition.name} right now`);
    },
    pipeline: async (tenant, name, version) => {
      if (!isStorable(tenant + name)) return undefined;
      return await calm.run('pipeline', async ({ pipeline }) => {
        const row = await pipeline.findFirst({
          where: { tenant, name, ...(version !== undefined && { version }) },
          orderBy: { version: 'desc' },
        });
        return row === null ? undefined : toRow(row);
      });
    },
    newestVersion: async (tenant, name) => {
      if (!isStorable(tenant + name)) return undefined;
      const [newest] = await database.hotQuery(newestVersion, [tenant, name]);
      return newest === undefined ? undefined : Number(newest[0]);
    },
    pipelines: async (tenant, page) => {
      const limit = pageLimit(page);
      const after = cursorKey(page, isStorable);
      const where = { tenant, ...(after !== undefined && { name: { gt: after } }) };
      const rows = await calm.run('pipelines', async ({ pipeline }) => {
        const newest = await pipeline.groupBy({ by: ['name'], where, _max: { version: true }, orderBy: { name: 'asc' }, take: limit + 1 });
        const wanted = newest.map(({ name, _max }) => ({ tenant, name, version: _max.version ?? 0 }));
        return wanted.length === 0 ? [] : await pipeline.findMany({ where: { OR: wanted }, orderBy: { name: 'asc' } });
      });
      return toPage(rows.map(toRow), limit, ({ name }) => name);
    },
  };
}

/** Undefined: somebody else stored a version in between. */
async function putOnce(
  calm: Calm,
  tenant: string,
  definition: Definition,
  hash: string,
): Promise<{ version: number; created: boolean } | undefined> {
  const { name } = definition;
  try {
    return await calm.run('put-pipeline', async ({ pipeline }) => {
      const newest = await pipeline.findFirst({
        where: { tenant, name },
        orderBy: { version: 'desc' },
        select: { version: true, hash: true },
      });
      if (newest?.hash === hash) return { version: newest.version, created: false };
      const version = (newest?.version ?? 0) + 1;
      await pipeline.create({ data: { tenant, name, version, hash, definition: JSON.parse(encodeJson(definition)) as object } });
      return { version, created: true };
    });
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
}

function toRow({ name, version, definition, createdAt }: Pipeline): PipelineRow {
  return { name, version, definition: decodeParsed(definition) as unknown as Definition, createdAt: createdAt.getTime() };
}
