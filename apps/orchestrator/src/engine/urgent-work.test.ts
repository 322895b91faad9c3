import { expect, test } from '@jest/globals';
import { UrgentWork } from './urgent-work.ts';

test('urgent work is about for ten seconds after the last of it', () => {
  let now = 0;
  const urgent = new UrgentWork({ monotonic: () => now });
  expect(urgent.isAbout).toBe(false);
  urgent.seen();
  now = 9_000;
  urgent.seen();
  now = 18_999;
  expect(urgent.isAbout).toBe(true);
  now = 19_000;
  expect(urgent.isAbout).toBe(false);
});
