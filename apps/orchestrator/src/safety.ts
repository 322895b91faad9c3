import { processFacts, safetyFacts } from '@mainstay/config';
import { type HardeningSettings, type ProfileName, refuseUnsafe, type UnsafeSetting } from '@mainstay/hardening';

/**
 * What the profile says of the settings of this process: its warnings; none without a profile.
 * @throws ConfigurationError `CONFIG_INVALID` for settings that the profile does not start with.
 */
export function checkSafety(
  profile: ProfileName | undefined,
  settings: () => HardeningSettings = () => safetyFacts(undefined, processFacts()),
): readonly UnsafeSetting[] {
  return profile === undefined ? [] : refuseUnsafe(profile, settings());
}
