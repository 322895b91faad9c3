import { ConflictError } from '@mainstay/types';
import type { Definition } from '../../pipeline/model.ts';
import { canonicalHash } from '../canonical.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { PipelineRow, Store } from '../store.ts';
import { recordParameters } from './audit-methods.ts';
import type { Calm } from './calm.ts';
import type { Database } from './database.ts';
import type { Pipeline } from './generated/client.ts';
import { decodeParsed, encodeJson } from './json.ts';
import { isStorable } from './run-methods.ts';
import { newestVersion, putPipeline } from './sql/pipelines.ts';

type PipelineMethods = Pick<Store, 'putPipeline' | 'pipeline' | 'newestVersion' | 'pipelines'>;

/** Writers of the same pipeline that may be ahead of us before we give up. */
const MAX_ATTEMPTS = 20;

export function pipelineMethods(calm: Calm, database: Database): PipelineMethods {
  return {
    putPipeline: async (tenant, definition, recordsOf = () => []) => {
      const { name } = definition;
      const [hash, json] = [canonicalHash(definition), encodeJson(definition)];
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const newest = await newestOf(calm, tenant, name);
        if (newest?.hash === hash) return { version: newest.version, created: false };
        const version = (newest?.version ?? 0) + 1;
        const records = recordParameters(recordsOf(version));
        const [row] = await database.query<{ n: number }>(putPipeline, [tenant, name, version, hash, json, ...records]);
        // else somebody else stored a version in between
        if (row?.n === 1) return { version, created: true };
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

function newestOf(calm: Calm, tenant: string, name: string): Promise<{ readonly version: number; readonly hash: string } | null> {
  return calm.run('newest-pipeline', ({ pipeline }) =>
    pipeline.findFirst({ where: { tenant, name }, orderBy: { version: 'desc' }, select: { version: true, hash: true } }),
  );
}

function toRow({ name, version, definition, createdAt }: Pipeline): PipelineRow {
  return { name, version, definition: decodeParsed(definition) as unknown as Definition, createdAt: createdAt.getTime() };
}
