import { ConfigurationError } from '@mainstay/types';
import type { HardeningSettings } from './hardening-settings.ts';
import { type Profile, profileOf, type ProfileName } from './profiles.ts';
import { safetyRules } from './safety-rules.ts';

export interface UnsafeSetting {
  readonly setting: keyof HardeningSettings;
  /** What is wrong. Never a secret. */
  readonly problem: string;
  readonly fix: string;
  /** `refuse`: the profile does not start with it. */
  readonly severity: 'refuse' | 'warn';
}

/** From the least strict. */
const ORDER: readonly ProfileName[] = ['staging', 'production', 'enterprise'];

/** What is unsafe for the profile, and why; what keeps it from starting comes first. In staging nothing is refused. */
export function unsafeSettings(profile: ProfileName | Profile, settings: HardeningSettings): readonly UnsafeSetting[] {
  const { name, ...rest } = profileOf(profile);
  const found = safetyRules
    .filter(({ from = 'staging' }) => ORDER.indexOf(from) <= ORDER.indexOf(name))
    .flatMap((rule): UnsafeSetting[] => {
      const problem = rule.problem(settings, { name, ...rest });
      if (problem === false || problem === undefined) return [];
      return [{ setting: rule.setting, problem, fix: rule.fix, severity: rest.refusesUnsafe ? rule.severity : 'warn' }];
    });
  return [...found.filter(({ severity }) => severity === 'refuse'), ...found.filter(({ severity }) => severity === 'warn')];
}

/**
 * Keeps an installation from starting on unsafe settings. Returns the warnings.
 * @throws ConfigurationError `CONFIG_INVALID` with all refusals in `details.issues`.
 */
export function refuseUnsafe(profile: ProfileName | Profile, settings: HardeningSettings): readonly UnsafeSetting[] {
  const found = unsafeSettings(profile, settings);
  const refused = found.filter(({ severity }) => severity === 'refuse');
  if (refused.length === 0) return found;
  const lines = refused.map(({ problem, fix }) => `  ${problem}. ${fix}`).join('\n');
  throw new ConfigurationError('CONFIG_INVALID', `The profile ${profileOf(profile).name} does not start with these settings:\n${lines}`, {
    details: { issues: refused.map(({ setting, problem, fix }) => ({ path: `/${setting}`, problem: `${problem}. ${fix}` })) },
  });
}
