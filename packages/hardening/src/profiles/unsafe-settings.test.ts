import { describe, expect, test } from '@jest/globals';
import { profiles } from './profiles.ts';
import type { HardeningSettings } from './hardening-settings.ts';
import { refuseUnsafe, unsafeSettings } from './unsafe-settings.ts';

const MB = 1_048_576;

const safe: HardeningSettings = {
  nodeEnv: 'production',
  logLevel: 'info',
  databaseUrl: 'postgres://mainstay:x8Kq2@db.example.com/mainstay?sslmode=verify-full',
  redisUrl: 'rediss://:Zp31k@redis.example.com',
  host: '127.0.0.1',
  signingKeyBytes: [32, 64],
  heapLimitBytes: 768 * MB,
  availableMemoryBytes: 4_096 * MB,
  maxConcurrent: 20,
  maxBodyBytes: MB,
  shutdownGraceMs: 30_000,
  operationTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  retentionDays: 30,
  inspector: false,
  tlsUnchecked: false,
  runsAsRoot: false,
  auditTrail: true,
  payloadEncryption: true,
};

/** A change that makes each setting unsafe, and the least strict profile that refuses it; null: it only warns. */
const unsafe: readonly (readonly [keyof HardeningSettings, Partial<HardeningSettings>, keyof typeof profiles | null])[] = [
  ['nodeEnv', { nodeEnv: 'development' }, 'production'],
  ['logLevel', { logLevel: 'debug' }, 'production'],
  ['databaseUrl', { databaseUrl: 'postgres://mainstay:x8Kq2@db.example.com/mainstay?sslmode=require' }, 'production'],
  ['databaseUrl', { databaseUrl: 'postgres://mainstay:postgres@localhost/mainstay' }, 'production'],
  ['redisUrl', { redisUrl: 'redis://:Zp31k@redis.example.com' }, 'production'],
  ['redisUrl', { redisUrl: 'rediss://redis.example.com' }, 'production'],
  ['signingKeyBytes', { signingKeyBytes: [16] }, 'production'],
  ['bootstrapAdminKeyLength', { bootstrapAdminKeyLength: 32 }, 'production'],
  ['inspector', { inspector: true }, 'production'],
  ['tlsUnchecked', { tlsUnchecked: true }, 'production'],
  ['runsAsRoot', { runsAsRoot: true }, 'enterprise'],
  ['heapLimitBytes', { heapLimitBytes: 5_000 * MB }, 'production'],
  ['availableMemoryBytes', { availableMemoryBytes: 256 * MB }, null],
  ['maxConcurrent', { maxConcurrent: 1_000 }, null],
  ['operationTimeoutMs', { operationTimeoutMs: 60_000 }, null],
  ['requestTimeoutMs', { requestTimeoutMs: 600_000 }, null],
  ['maxBodyBytes', { maxBodyBytes: 100 * MB }, 'production'],
  ['shutdownGraceMs', { shutdownGraceMs: 10 }, null],
  ['managementPort', { managementPort: 9_464, host: '0.0.0.0' }, null],
  ['retentionDays', { retentionDays: 0 }, 'enterprise'],
  ['auditTrail', { auditTrail: false }, 'enterprise'],
  ['payloadEncryption', { payloadEncryption: false }, 'enterprise'],
];

describe('unsafeSettings', () => {
  test.each(['staging', 'production', 'enterprise'] as const)('finds nothing in safe settings for %s, nor in unknown ones', (profile) => {
    expect(unsafeSettings(profile, safe)).toEqual([]);
    expect(unsafeSettings(profile, {})).toEqual([]);
  });

  test.each(unsafe)('%s: %j is refused from %s on', (setting, change, from) => {
    const found = (profile: keyof typeof profiles) =>
      unsafeSettings(profile, { ...safe, ...change }).filter((one) => one.setting === setting);
    expect(found('enterprise')).toEqual([expect.objectContaining({ severity: from === null ? 'warn' : 'refuse' })]);
    const inProduction = found('production').filter(({ severity }) => severity === 'refuse');
    expect(inProduction).toHaveLength(from === 'production' ? 1 : 0);
    expect(found('staging').filter(({ severity }) => severity === 'refuse')).toEqual([]);
    for (const { problem, fix } of found('enterprise')) {
      expect(problem).toMatch(/^\S.{10,}[^.]$/);
      expect(fix).toMatch(/\.$/);
    }
  });

  test('every setting is judged', () => {
    const judged = new Set(unsafe.map(([setting]) => setting));
    expect(Object.keys(safe).filter((setting) => setting !== 'host' && !judged.has(setting as keyof HardeningSettings))).toEqual([]);
  });

  test('services on this machine need no TLS', () => {
    expect(unsafeSettings('enterprise', { databaseUrl: 'postgres://m:x8Kq2@127.0.0.1/m', redisUrl: 'redis://localhost' })).toEqual([]);
  });
});

describe('refuseUnsafe', () => {
  test('refuses with all of it at once, and without secrets', () => {
    const settings = { ...safe, inspector: true, databaseUrl: 'postgres://m:sEcReT@db.example.com/m' };
    const refused = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.not.stringContaining('sEcReT'),
      details: { issues: [expect.objectContaining({ path: '/databaseUrl' }), expect.objectContaining({ path: '/inspector' })] },
    });
    expect(() => refuseUnsafe('production', settings)).toThrow(refused);
  });

  test('lets staging start with warnings', () => {
    expect(refuseUnsafe('staging', { inspector: true }).map(({ severity }) => severity)).toEqual(['warn']);
  });
});

describe('profiles', () => {
  test('have the numbers that were asked for', () => {
    const table = Object.values(profiles).map((one) => [
      ...[one.name, one.memoryLimitBytes / MB, one.cpuLimitPercent, one.maxConcurrent, one.security, one.compliance.join(' ')],
    ]);
    expect(table).toEqual([
      ['staging', 512, 70, 25, 'standard', 'SOC2'],
      ['production', 1_024, 80, 50, 'high', 'SOC2 GDPR'],
      ['enterprise', 2_048, 85, 100, 'maximum', 'SOC2 GDPR HIPAA PCI-DSS'],
    ]);
    for (const one of Object.values(profiles)) {
      expect(one.timeouts).toEqual({ operationMs: 10_000, requestMs: 120_000, sessionMs: 1_800_000, systemMs: 300_000 });
      expect(one.emergency).toEqual({ memoryShare: 0.95, healthScore: 0.3 });
      expect(one.baseline).toEqual({ responseMs: 2_000, operationsPerSecond: 10, errorPercent: 1, uptimePercent: 99.95 });
      expect(one.certification).toEqual({ healthScore: 0.8, securityScore: 95, testPassPercent: 80 });
    }
    expect(Object.isFrozen(profiles)).toBe(true);
  });
});
