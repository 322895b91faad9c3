import { createTestDatabase } from '@mainstay/services';
import pg from 'pg';
import { storeContract } from '../contract.ts';
import { createPostgresStore } from './postgres-store.ts';

const TABLES = [
  ...['pipelines', 'runs', 'changes', 'checkpoints', 'decisions', 'dead_letters', 'idempotency_keys', 'api_keys', 'slots'],
  ...['orchestrators', 'agent_kinds', 'settings', 'error_groups', 'error_flushes', 'audit_records'],
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
      // one transaction, in which the audit records may go
      const statements = [
        "select set_config('mainstay.audit_cut_off', 'infinity', true)",
        ...TABLES.map((table) => `delete from ${table}`),
      ];
      await client.query(statements.join(';'));
    },
    close: async () => {
      await store.close();
      await client.end();
      await database.drop();
    },
  };
});
