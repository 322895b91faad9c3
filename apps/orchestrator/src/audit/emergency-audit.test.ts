import { expect, test } from '@jest/globals';
import { createEmergency, emergencyLimits, profiles } from '@mainstay/hardening';
import { createLogger } from '@mainstay/observability';
import { FakeClock } from '@mainstay/utils/testing';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { AuditNotes } from './audit-notes.ts';
import { emergencyAudit } from './emergency-audit.ts';

test('an emergency that nobody asked for is recorded as it begins and ends, with why', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ now: () => clock.now() });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const audit = emergencyAudit(new AuditNotes({ store, logger, clock }), 'default');
  const emergency = createEmergency({ limits: emergencyLimits(profiles.production), process: 'o-1', clock, audit });
  emergency.threat();
  await emergency.settled();
  for (let n = 0; n < 40; n++) {
    await clock.advance(1_000);
    emergency.observe({ memoryShare: 0.1, healthScore: 1 });
  }
  await emergency.settled();
  const common = { actor: 'system', target: 'o-1', details: { triggers: ['threat'], at: expect.any(String) } };
  expect((await store.auditRecords('default', {}, { limit: 10 })).items).toMatchObject([
    { ...common, action: 'emergency.left' },
    { ...common, action: 'emergency.entered' },
  ]);
});
