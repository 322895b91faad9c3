import { totalmem } from 'node:os';
import type { EnforcementLimits } from '../resources/enforcement.ts';
import { type Profile, type ProfileName, profiles } from '../profiles/profiles.ts';

/** The profile of a process, and what of its limits is changed. */
export interface ProcessProfile {
  readonly profile: Profile;
  readonly limits: Partial<EnforcementLimits>;
}

/**
 * The profile of a process whose settings may name none: then its memory is bounded by the machine, its control group and the heap's
 * limit alone, and neither CPU nor a busy event loop lowers its load. `memoryLimitBytes` comes before that of the profile.
 */
export function processProfile(name: ProfileName | undefined, memoryLimitBytes?: number): ProcessProfile {
  const profile = profiles[name ?? 'production'];
  const limitBytes = memoryLimitBytes ?? (name === undefined ? totalmem() : profile.memoryLimitBytes);
  const none = Number.POSITIVE_INFINITY;
  return {
    profile: { ...profile, memoryLimitBytes: limitBytes },
    limits: name === undefined ? { cpuShare: none, loopLagMs: none } : {},
  };
}
