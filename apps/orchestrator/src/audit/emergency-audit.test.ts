import { expect, test } from '@jest/globals';
import { createEmergency, emergencyLimits, profiles } from '@mainstay/hardening';
import { createLogger } from '@mainstay/observability';
import { createMemoryHub } from '@mainstay/transport';
import { MESSAGE_VERSION, type WorkerEmergency } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { AuditNotes } from './audit-notes.ts';
import { auditWorkerEmergencies, emergencyAudit } from './emergency-audit.ts';

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

test('emergencies of workers are recorded once, however many orchestrators hear of them and how often', async () => {
  const store = createMemoryStore();
  const hub = createMemoryHub();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const heard: (() => void)[] = [];
  const allNotes: AuditNotes[] = [];
  for (const name of ['o-1', 'o-2']) {
    const transport = hub.connect({ name, side: 'orchestrator' });
    await transport.start();
    const notes = new AuditNotes({ store, logger });
    allNotes.push(notes);
    heard.push(auditWorkerEmergencies(transport, notes, 'default'));
  }
  const worker = hub.connect({ name: 'w', side: 'worker' });
  await worker.start();
  const beat = (emergencies: WorkerEmergency[]) =>
    worker.publish('orchestrators', {
      ...{ v: MESSAGE_VERSION, type: 'heartbeat', worker: 'w', host: 'h', pid: 1, version: '1', startedAt: 1, capacity: 1 },
      ...{ running: [], draining: false, rssBytes: 1, kinds: ['x'], emergencies },
    });
  const entered: WorkerEmergency = { at: 1_000, change: 'entered', triggers: ['memory'] };
  const left: WorkerEmergency = { at: 9_000, change: 'left', triggers: ['memory'], by: 'ann', reason: 'it was a drill' };
  const items = async () => (await store.auditRecords('default', {}, { limit: 10 })).items;
  const until = async (count: number) => {
    for (const end = Date.now() + 5_000; (await items()).length < count && Date.now() < end;) await new Promise((r) => setTimeout(r, 5));
  };
  await beat([entered]);
  await until(1);
  await beat([entered, left]);
  await beat([entered, left]);
  await until(2);
  heard[0]?.();
  await beat([entered, left, { ...left, at: 10_000 }]);
  await until(3);
  for (const notes of allNotes) await notes.stop();
  expect((await items()).map(({ action, actor, target, details }) => ({ action, actor, target, details })).toReversed()).toEqual([
    { action: 'emergency.entered', actor: 'system', target: 'w', details: { triggers: ['memory'], at: new Date(1_000).toISOString() } },
    ...[9_000, 10_000].map((at) => ({
      ...{ action: 'emergency.left', actor: 'ann', target: 'w' },
      details: { triggers: ['memory'], at: new Date(at).toISOString(), reason: 'it was a drill' },
    })),
  ]);
  for (const name of ['o-1', 'o-2', 'w']) hub.kill(name);
});
