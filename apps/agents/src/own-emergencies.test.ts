import { expect, test } from '@jest/globals';
import type { EmergencyRecord } from '@mainstay/hardening';
import { FakeClock } from '@mainstay/utils/testing';
import { ownEmergencies } from './own-emergencies.ts';

const record = (at: number, more: Partial<EmergencyRecord> = {}): EmergencyRecord => ({
  ...{ process: 'w', change: 'entered', at, triggers: ['memory'] },
  ...more,
});

test('the last eight of an hour are told, as they were', async () => {
  const clock = new FakeClock();
  const own = ownEmergencies(clock);
  expect(own.recent()).toEqual([]);
  own.add(record(1, { reason: 'x'.repeat(2_000), by: 'ann' }));
  own.add(record(2, { change: 'acted' }));
  expect(own.recent()).toEqual([{ at: 1, change: 'entered', triggers: ['memory'], reason: 'x'.repeat(1_000), by: 'ann' }]);
  await clock.advance(3_599_999);
  for (let at = 3; at < 12; at++) own.add(record(at, { change: 'left' }));
  expect(own.recent().map(({ at }) => at)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  await clock.advance(3_600_000);
  expect(own.recent()).toEqual([]);
});
