import { describe, expect, test } from '@jest/globals';
import { environments } from './alertmanager/environments.ts';
import { overWithinMs, toldWithinMs } from './told-within.ts';

const production = environments.find(({ name }) => name === 'production');
const MINUTE = 60_000;

describe('the time within which somebody is told', () => {
  test('is that of the rule, of three intervals and of the route', () => {
    if (production === undefined) throw new Error('there is no production');
    const facts = { intervalMs: 15_000 };
    expect(toldWithinMs({ forMinutes: 2, severity: 'critical' }, production, facts)).toBe(2 * MINUTE + 45_000 + 10_000);
    expect(toldWithinMs({ forMinutes: 0, severity: 'warning' }, production, { ...facts, rangeMs: 600_000 })).toBe(
      45_000 + 600_000 + 300_000,
    );
    expect(overWithinMs({ severity: 'error' }, production, { ...facts, noticedMs: 1_000 })).toBe(1_000 + 30_000 + 5 * MINUTE);
    expect(toldWithinMs({ forMinutes: 2, severity: 'critical' }, production, { intervalMs: 1_000, factor: 1 / 60 })).toBeCloseTo(
      2_000 + 3_000 + 167,
      0,
    );
  });
});
