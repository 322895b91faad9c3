import { describe, expect, test } from '@jest/globals';
import { checkSafety } from './safety.ts';

const unsafe = { nodeEnv: 'production', inspector: true };

describe('checkSafety', () => {
  test.each(['production', 'enterprise'] as const)('%s does not start on unsafe settings', (profile) => {
    expect(() => checkSafety(profile, () => unsafe)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('staging starts with warnings, and without a profile nothing is asked', () => {
    expect(checkSafety('staging', () => unsafe).map(({ setting }) => setting)).toEqual(['inspector']);
    expect(checkSafety(undefined, () => unsafe)).toEqual([]);
  });

  test('looks at this process, which is no production', () => {
    expect(() => checkSafety('production')).toThrow(/NODE_ENV/);
  });
});
