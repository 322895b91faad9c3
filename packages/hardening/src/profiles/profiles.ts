const MB = 1_048_576;

/** The kinds of installation. */
export type ProfileName = 'staging' | 'production' | 'enterprise';

export type Framework = 'SOC2' | 'GDPR' | 'HIPAA' | 'PCI-DSS';

/** Everything that a profile decides. */
export interface Profile {
  readonly name: ProfileName;
  /** Memory that the process may hold. */
  readonly memoryLimitBytes: number;
  /** Use of the cores that the process may have, in percent of all of them, above which load is lowered. */
  readonly cpuLimitPercent: number;
  /** Operations at the same time. */
  readonly maxConcurrent: number;
  readonly security: 'standard' | 'high' | 'maximum';
  readonly compliance: readonly Framework[];
  /** Whether unsafe settings keep the process from starting. */
  readonly refusesUnsafe: boolean;
  readonly timeouts: { readonly operationMs: number; readonly requestMs: number; readonly sessionMs: number; readonly systemMs: number };
  readonly emergency: {
    /** Memory above this share of the limit is an emergency. */
    readonly memoryShare: number;
    /** A health score below this is an emergency. */
    readonly healthScore: number;
  };
  /** What a healthy system keeps to. */
  readonly baseline: {
    /** 95th percentile of response times. */
    readonly responseMs: number;
    readonly operationsPerSecond: number;
    readonly errorPercent: number;
    readonly uptimePercent: number;
  };
  /** What has to be shown before the profile may be certified. */
  readonly certification: { readonly healthScore: number; readonly securityScore: number; readonly testPassPercent: number };
  /** What hardening itself may cost. */
  readonly overhead: { readonly percent: number; readonly memoryBytes: number };
}

/** The same everywhere. Where the sources name two numbers, the stricter one stands here. */
const everywhere = {
  timeouts: { operationMs: 10_000, requestMs: 120_000, sessionMs: 1_800_000, systemMs: 300_000 },
  emergency: { memoryShare: 0.95, healthScore: 0.3 },
  baseline: { responseMs: 2_000, operationsPerSecond: 10, errorPercent: 1, uptimePercent: 99.95 },
  certification: { healthScore: 0.8, securityScore: 95, testPassPercent: 80 },
  overhead: { percent: 5, memoryBytes: 20 * MB },
} as const;

/** All numbers of all profiles, in one table. */
export const profiles: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  staging: {
    name: 'staging',
    memoryLimitBytes: 512 * MB,
    cpuLimitPercent: 70,
    maxConcurrent: 25,
    security: 'standard',
    compliance: ['SOC2'],
    refusesUnsafe: false,
    ...everywhere,
  },
  production: {
    name: 'production',
    memoryLimitBytes: 1_024 * MB,
    cpuLimitPercent: 80,
    maxConcurrent: 50,
    security: 'high',
    compliance: ['SOC2', 'GDPR'],
    refusesUnsafe: true,
    ...everywhere,
  },
  enterprise: {
    name: 'enterprise',
    memoryLimitBytes: 2_048 * MB,
    cpuLimitPercent: 85,
    maxConcurrent: 100,
    security: 'maximum',
    compliance: ['SOC2', 'GDPR', 'HIPAA', 'PCI-DSS'],
    refusesUnsafe: true,
    ...everywhere,
  },
});

/** A profile by its name, or the profile itself. */
export function profileOf(profile: ProfileName | Profile): Profile {
  return typeof profile === 'string' ? profiles[profile] : profile;
}

export function isProfileName(text: string): text is ProfileName {
  return Object.hasOwn(profiles, text);
}
