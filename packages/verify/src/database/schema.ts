import { ConfigurationError } from '@mainstay/types';
import type { Client } from 'pg';

/** The migrations whose schema is understood here, in order. */
export const KNOWN_MIGRATIONS: readonly string[] = [
  '20261122000000_init',
  '20261123000000_changes',
  '20261123120000_room_for_steps',
  '20261123180000_large_values',
  '20261123220000_errors_and_discards',
  '20261128180000_audit',
  '20261128183000_tracestate',
];
/** The last one that changed what the checks read. */
const NEEDED = '20261123000000_changes';

/** Rejects with SCHEMA_TOO_OLD or SCHEMA_TOO_NEW unless the database has a schema that is understood here. */
export async function checkSchema(client: Client): Promise<void> {
  const applied = new Set(await appliedMigrations(client));
  const foreign = [...applied].filter((name) => !KNOWN_MIGRATIONS.includes(name));
  if (foreign.length > 0) {
    throw new ConfigurationError('SCHEMA_TOO_NEW', `The database has migrations that this program does not know: ${foreign.join(', ')}`, {
      details: { migrations: foreign },
    });
  }
  if (applied.has(NEEDED)) return;
  const what =
    applied.size === 0 ? 'This is no database of Mainstay, or one that no orchestrator has opened yet' : 'The database has an older schema';
  throw new ConfigurationError('SCHEMA_TOO_OLD', `${what}; it lacks ${NEEDED}`, { details: { migrations: [NEEDED] } });
}

async function appliedMigrations(client: Client): Promise<readonly string[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(`select to_regclass('_prisma_migrations') is not null as there`);
  if (tables[0]?.there !== true) return [];
  const { rows } = await client.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  return rows.map(({ name }) => name);
}
