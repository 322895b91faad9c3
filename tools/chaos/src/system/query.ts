import pg from 'pg';
import type { World } from './world.ts';

/** The name under which the drill itself connects. */
export const DRILL_NAME = 'mainstay-chaos';

/** Rows of a statement on the database of the system, past all links. */
export async function queryWorld<R extends pg.QueryResultRow>({ postgres }: Pick<World, 'postgres'>, sql: string): Promise<readonly R[]> {
  const client = new pg.Client({ connectionString: postgres.url, application_name: DRILL_NAME });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}
