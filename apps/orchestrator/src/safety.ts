import { processFacts, safetyFacts } from '@mainstay/config';
import { isProfileName, refuseUnsafe, type UnsafeSetting } from '@mainstay/hardening';

/**
 * What the profile says of the settings of this process: its warnings; none without a profile.
 * @throws ConfigurationError `CONFIG_INVALID` for settings that the profile does not start with.
 */
export function checkSafety(profile: string | undefined): readonly UnsafeSetting[] {
  if (profile === undefined || !isProfileName(profile)) return [];
  return refuseUnsafe(profile, safetyFacts(undefined, processFacts()));
}
