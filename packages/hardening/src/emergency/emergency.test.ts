import { FakeClock } from '@mainstay/utils/testing';
import { describe, expect, test } from '@jest/globals';
import { profiles } from '../profiles/profiles.ts';
import { createEmergency, type EmergencyAnnouncement, type EmergencyOptions, type EmergencyRecord } from './emergency.ts';
import { EMERGENCY_ACTIONS } from './emergency-actions.ts';
import { emergencyLimits } from './emergency-rule.ts';

function scene(options: Partial<EmergencyOptions> = {}) {
  const clock = new FakeClock();
  const records: EmergencyRecord[] = [];
  const told: EmergencyAnnouncement[] = [];
  const trouble: string[] = [];
  const emergency = createEmergency({
    limits: emergencyLimits(profiles.production),
    process: 'a',
    clock,
    audit: (record) => void records.push(record),
    announce: (announcement) => void told.push(announcement),
    onTrouble: (what) => void trouble.push(what),
    ...options,
  });
  return { clock, records, told, trouble, emergency };
}

const well = { memoryShare: 0.2, healthScore: 1 };

describe('createEmergency', () => {
  test('does its six actions in order, one after the other, and takes them back in reverse', async () => {
    const done: string[] = [];
    const actions = Object.fromEntries(
      EMERGENCY_ACTIONS.map((action) => [action, { enter: () => void done.push(action), leave: () => void done.push(`not ${action}`) }]),
    );
    const { emergency, records } = scene({ actions });
    const results = await emergency.enter('disk is on fire', 'ada');
    expect(results.map(({ action, result }) => [action, result])).toEqual(EMERGENCY_ACTIONS.map((action) => [action, 'done']));
    expect(done).toEqual([...EMERGENCY_ACTIONS]);
    await emergency.leave('put out', 'ada');
    expect(done.slice(6)).toEqual([...EMERGENCY_ACTIONS].reverse().map((action) => `not ${action}`));
    await emergency.settled();
    expect(records.map(({ change }) => change)).toEqual(['entered', 'acted', 'left', 'acted']);
    expect(records[0]).toMatchObject({ process: 'a', by: 'ada', reason: 'disk is on fire', triggers: ['manual'], at: 1_767_225_600_000 });
  });

  test('an action that hangs or fails keeps none of the others from being done', async () => {
    const done: string[] = [];
    const { emergency, clock } = scene({
      actions: {
        'collect-garbage': { enter: () => new Promise(() => undefined) },
        'clear-caches': {
          enter: () => {
            throw new Error('no cache');
          },
        },
        alert: { enter: () => void done.push('alert') },
      },
    });
    const entered = emergency.enter('x', 'ada');
    await clock.advance(5_000);
    const results = await entered;
    expect(results.map(({ result }) => result)).toEqual(['failed', 'absent', 'failed', 'absent', 'absent', 'done']);
    expect(results[0]).toMatchObject({ tookMs: 5_000, error: expect.stringContaining('5000 ms') });
    expect(done).toEqual(['alert']);
  });

  test('a dead audit trail does not hold up the actions', async () => {
    const { emergency, clock, trouble } = scene({ audit: () => new Promise(() => undefined) });
    await emergency.enter('x', 'ada');
    expect(emergency.active).toBe(true);
    const settled = emergency.settled();
    await clock.advance(5_000);
    await settled;
    expect(trouble).toEqual(['audit', 'audit']);
  });

  test('begins and ends by itself, with a record of each', async () => {
    const { emergency, clock, records } = scene();
    for (let second = 0; second < 5; second++) {
      emergency.observe({ memoryShare: 0.97, healthScore: 0.9 });
      await clock.advance(1_000);
    }
    expect(emergency.active).toBe(true);
    for (let second = 0; second < 40; second++) {
      emergency.observe(well);
      await clock.advance(1_000);
    }
    expect(emergency.active).toBe(false);
    await emergency.settled();
    expect(records.map(({ change, triggers }) => [change, ...triggers])).toEqual([
      ['entered', 'memory'],
      ['acted', 'memory'],
      ['left', 'memory'],
      ['acted', 'memory'],
    ]);
  });

  test('a threat and an unhandled exception begin it at once', () => {
    for (const begin of ['threat', 'unhandled'] as const) {
      const { emergency } = scene();
      emergency[begin]();
      expect(emergency.state).toMatchObject({ mode: 'emergency', triggers: [begin] });
    }
  });

  test('is announced, told again while it lasts, and taken back', async () => {
    const { emergency, clock, told } = scene();
    await emergency.enter('drill', 'ada');
    for (let second = 0; second < 45; second++) {
      emergency.observe(well);
      await clock.advance(1_000);
    }
    await emergency.leave('over', 'ada');
    expect(told.map(({ active }) => active)).toEqual([true, true, true, false]);
    expect(emergency.active).toBe(false);
  });

  test('what another process announced holds here, and is forgotten when that one is never heard of again', async () => {
    const { emergency, clock } = scene();
    const announcement = { process: 'b', active: true, reason: 'drill', by: 'ada', ttlMs: 60_000 };
    emergency.heard({ ...announcement, process: 'a' });
    expect(emergency.active).toBe(false);
    emergency.heard(announcement);
    emergency.heard(announcement);
    expect(emergency.state).toMatchObject({ mode: 'emergency', triggers: ['remote'] });
    for (let second = 0; second < 59; second++) {
      emergency.observe(well);
      await clock.advance(1_000);
    }
    expect(emergency.active).toBe(true);
    for (let second = 0; second < 40; second++) {
      emergency.observe(well);
      await clock.advance(1_000);
    }
    expect(emergency.active).toBe(false);
  });

  test('the end that another process announced ends it here', () => {
    const { emergency } = scene();
    const announcement = { process: 'b', reason: 'drill', by: 'ada', ttlMs: 60_000 };
    emergency.heard({ ...announcement, active: true });
    emergency.heard({ ...announcement, active: false });
    expect(emergency.active).toBe(false);
  });
});
