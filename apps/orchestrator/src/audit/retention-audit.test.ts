import { expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { AuditNotes } from './audit-notes.ts';
import { auditRetention } from './retention-audit.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

test('for how long things are kept is recorded when it is another than before, once for all who begin with it', async () => {
  let now = 1_000;
  const store = createMemoryStore({ now: () => now++ });
  const notes = new AuditNotes({ store, logger });
  const begin = (runs: number | null) => auditRetention({ store, notes, logger, tenant: 'default', keepDays: { runs, audit: 400 } });
  await Promise.all([begin(30), begin(30), begin(30)]);
  await begin(30);
  await Promise.all([begin(7), begin(7)]);
  await begin(null);
  await begin(30);
  const { items } = await store.auditRecords('default', { action: 'retention.changed' }, { limit: 10 });
  const days = (runs: number | null) => ({ runs, audit: 400 });
  expect(items.map(({ actor, details }) => ({ actor, details }))).toEqual([
    { actor: 'system', details: { keepDays: days(30), before: days(null) } },
    { actor: 'system', details: { keepDays: days(null), before: days(7) } },
    { actor: 'system', details: { keepDays: days(7), before: days(30) } },
    { actor: 'system', details: { keepDays: days(30) } },
  ]);
  await notes.stop();
});

test('a database that cannot be read keeps nothing from starting', async () => {
  const store = createMemoryStore();
  const notes = new AuditNotes({ store, logger });
  const auditRecords = () => Promise.reject(new Error('away'));
  await auditRetention({ store: { auditRecords }, notes, logger, tenant: 'default', keepDays: {} });
  expect((await store.auditRecords('default', {}, { limit: 10 })).items).toEqual([]);
  await notes.stop();
});
