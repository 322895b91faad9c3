import { totalmem } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { profiles } from '../profiles/profiles.ts';
import { enforce, enforcementLimits, initialEnforcement } from '../resources/enforcement.ts';
import { calmSample } from '../testing/samples.ts';
import { processProfile } from './process-profile.ts';

describe('processProfile', () => {
  test('is the one that is named, with its own limits', () => {
    expect(processProfile('enterprise')).toEqual({ profile: profiles.enterprise, limits: {} });
  });

  test('without a name only the machine bounds memory, and being busy is no reason to do less', () => {
    const { profile, limits } = processProfile(undefined);
    expect(profile.memoryLimitBytes).toBe(totalmem());
    const busy = calmSample({ cpuShare: 1, loopLagMs: 10_000 });
    const { decision } = enforce(initialEnforcement, busy, { ...enforcementLimits(profile), ...limits });
    expect(decision).toMatchObject({ reasons: [], concurrency: profile.maxConcurrent });
  });

  test.each([undefined, 'staging'] as const)('a limit of memory that is given comes first (%s)', (name) => {
    expect(processProfile(name, 123_456_789).profile.memoryLimitBytes).toBe(123_456_789);
  });
});
