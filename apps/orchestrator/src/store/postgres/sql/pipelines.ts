import type { Statement } from './statement.ts';

/** Number of the newest version of a pipeline. $1 tenant, $2 name. */
export const newestVersion: Statement = {
  name: 'newest-version',
  text: 'select version from pipelines where tenant = $1 and name = $2 order by version desc limit 1',
};
