import { createTestDatabase } from '@mainstay/services';
import pg from 'pg';
import { storeContract } from '../contract.ts';
import { createPostgresStore } from './postgres-store.ts';

const TABLES = [
  ...['pipelines', 'runs', 'changes', 'checkpoints', 'decisions', 'dead_letters', 'idempotency_keys', 'api_keys', 'slots'],
  ...['orchestrators', 'agent_kinds', 'settings', 'error_groups', 'error_flushes'],
];

storeContract('Postgres', async () => {
  const database = await createTestDatabase();
  const store = createPostgresStore({ url: database.url });
  await store.start();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    store,
    clear: async () => {
      await client.query(TABLES.map((table) => `delete from ${table}`).join(';'));
    },
    close: async () => {
      await store.close();
      await client.end();
      await database.drop();
    },
  };
});
