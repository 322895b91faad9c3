import { insertRecords } from './audit.ts';
import type { Statement } from './statement.ts';

/** Number of the newest version of a pipeline. $1 tenant, $2 name. */
export const newestVersion: Statement = {
  name: 'newest-version',
  text: 'select version from pipelines where tenant = $1 and name = $2 order by version desc limit 1',
};

/** $1 tenant, $2 name, $3 version, $4 hash, $5 definition; then records. Tells how many it stored: 0 where there is such a version, or 1. */
export const putPipeline: Statement = {
  name: 'put-pipeline',
  text: `
with added as (
  insert into pipelines (tenant, name, version, hash, definition) values ($1, $2, $3::int, $4, $5::jsonb)
  on conflict do nothing
  returning 1
)
, noted as (${insertRecords(6)} where exists (select from added))
select count(*)::int as n from added`,
};
