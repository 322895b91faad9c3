import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import { profiles } from '../profiles/profiles.ts';
import { createEmergency } from './emergency.ts';
import { createEmergencyJournal } from './emergency-journal.ts';
import { emergencyLimits } from './emergency-rule.ts';

function scene() {
  const lines: string[] = [];
  const write = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
  const entered: string[] = [];
  const journal = createEmergencyJournal({
    logger: { info: write('info'), warn: write('warn'), error: write('error') },
    onEntered: (triggers) => void entered.push(...triggers),
  });
  const emergency = createEmergency({
    ...journal.ports,
    limits: emergencyLimits(profiles.production),
    clock: new FakeClock(),
    actions: { alert: journal.alert },
    announce: () => Promise.reject(new Error('nobody listens')),
  });
  return { lines, entered, journal, emergency };
}

describe('createEmergencyJournal', () => {
  test('tells of the begin, the alert, the end and of ports that fail', async () => {
    const { lines, entered, journal, emergency } = scene();
    await emergency.enter('drill', 'ada');
    await emergency.leave('done', 'ada');
    await emergency.settled();
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^warn: an emergency begins/),
        expect.stringMatching(/^error: EMERGENCY/),
        expect.stringMatching(/^info: the emergency is over/),
        expect.stringMatching(/^warn: a port/),
      ]),
    );
    expect(entered).toEqual(['manual']);
    expect(journal.recent()[0]).toMatchObject({ change: 'acted' });
    expect(journal.recent().find(({ change }) => change === 'entered')).toMatchObject({ by: 'ada', reason: 'drill' });
  });

  test('keeps a bounded number of records', async () => {
    const { journal, emergency } = scene();
    for (let n = 0; n < 20; n++) {
      await emergency.enter(`drill ${n}`, 'ada');
      await emergency.leave('done', 'ada');
    }
    expect(journal.recent()).toHaveLength(20);
  });
});
