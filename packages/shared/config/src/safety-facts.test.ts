import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { processFacts, safetyFacts } from './safety-facts.ts';

describe('safetyFacts', () => {
  test('reads what there is, with its defaults', () => {
    expect(safetyFacts({})).toEqual({
      ...{
        nodeEnv: 'development',
        logLevel: 'info',
        host: '127.0.0.1',
        maxBodyBytes: 1_048_576,
        shutdownGraceMs: 30_000,
        retentionDays: 30,
      },
      ...{ inspector: false, tlsUnchecked: false },
    });
  });

  test('a variable that is wrong hides no other', () => {
    const facts = safetyFacts({
      ...{ NODE_ENV: 'production', LOG_LEVEL: 'loud', DATABASE_URL: 'postgres://a:b@c/d', REDIS_URL: 'nonsense', HOST: '0.0.0.0' },
      ...{ MAINSTAY_SIGNING_KEYS: `a:${randomBytes(48).toString('base64')}`, MAINSTAY_BOOTSTRAP_ADMIN_KEY: 'k'.repeat(40) },
      ...{ NODE_OPTIONS: '--max-old-space-size=512 --inspect=0', NODE_TLS_REJECT_UNAUTHORIZED: '0', MANAGEMENT_PORT: '9464' },
    });
    expect(facts).toMatchObject({
      ...{ nodeEnv: 'production', databaseUrl: 'postgres://a:b@c/d', host: '0.0.0.0', signingKeyBytes: [48], bootstrapAdminKeyLength: 40 },
      ...{ heapLimitBytes: 512 * 1_048_576, inspector: true, tlsUnchecked: true, managementPort: 9_464 },
    });
    expect(facts).not.toHaveProperty('logLevel');
    expect(facts).not.toHaveProperty('redisUrl');
  });

  test('knows more of its own process', () => {
    const facts = safetyFacts({}, { execArgv: ['--inspect-brk'], uid: 0, heapLimitBytes: 7 });
    expect(facts).toMatchObject({ inspector: true, runsAsRoot: true, heapLimitBytes: 7 });
    expect(processFacts().heapLimitBytes).toBeGreaterThan(0);
  });
});
