import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@mainstay/types';
import { z } from 'zod';
import { bool, port, secret } from './fields.ts';
import { type Environment, loadConfig } from './load-config.ts';
import { agentsEnv, cliEnv, orchestratorEnv } from './schemas.ts';

const signing = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const minimal = { DATABASE_URL: 'postgres://u:p@host/db', REDIS_URL: 'redis://host', MAINSTAY_SIGNING_KEYS: signing };

function failure(schema: z.ZodObject, env: Environment): ConfigurationError {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const variables = (error: ConfigurationError) => (error.details['issues'] as { variable: string }[]).map(({ variable }) => variable);

describe('loadConfig', () => {
  const schema = z.object({ PORT: port().prefault('3000'), TLS: bool(), KEY: secret({ minLength: 8 }).optional() });

  test('reads, converts, fills in defaults and leaves other variables out', () => {
    expect(loadConfig(schema, { TLS: 'yes', HOME: '/root' })).toEqual({ PORT: 3_000, TLS: true });
  });

  test('gives a frozen result', () => {
    const config = loadConfig(schema, { TLS: 'no' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('treats an empty variable like one that is not set', () => {
    expect(loadConfig(schema, { PORT: ' ', TLS: 'no', KEY: '' })).toEqual({ PORT: 3_000, TLS: false });
    expect(failure(schema, { TLS: '' }).message).toContain('TLS is required and not set');
  });

  test('reports all problems at once, by name, and never a value', () => {
    const error = failure(schema, { PORT: 'hunter2-port', KEY: 'hunter2' });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.details).toEqual({
      issues: [
        { variable: 'PORT', problem: 'must be a whole number, from 0 to 65535' },
        { variable: 'TLS', problem: 'is required and not set' },
        { variable: 'KEY', problem: 'must have at least 8 characters' },
      ],
    });
    expect(JSON.stringify([error.message, error.details, error.cause])).not.toContain('hunter2');
    for (const name of ['PORT', 'TLS', 'KEY']) expect(error.message).toContain(name);
  });

  test('names problems of the whole', () => {
    const never = z.object({ A: bool() }).refine(() => false, { message: 'does not fit together' });
    expect(failure(never, { A: '1' }).details).toEqual({ issues: [{ variable: 'environment', problem: 'does not fit together' }] });
  });

  test('reads the environment of the process unless it is given one', () => {
    const name = 'MAINSTAY_TEST_OF_LOAD_CONFIG';
    process.env[name] = 'on';
    try {
      expect(loadConfig(z.object({ [name]: bool() }))).toEqual({ [name]: true });
    } finally {
      Reflect.deleteProperty(process.env, name);
    }
  });
});

describe('orchestratorEnv', () => {
  test('needs nothing but the services and the signing keys', () => {
    const config = loadConfig(orchestratorEnv, minimal);
    expect(config).toMatchObject({
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      PORT: 3_000,
      HOST: '127.0.0.1',
      MAINSTAY_DATA_DIR: '.mainstay',
      MAINSTAY_MAX_BODY_BYTES: 1_048_576,
      MAINSTAY_MAX_OUTPUT_BYTES: 1_048_576,
      MAINSTAY_MAX_MESSAGE_BYTES: 4_194_304,
      MAINSTAY_INLINE_BYTES: 65_536,
      MAINSTAY_SHUTDOWN_GRACE_MS: 30_000,
      MAINSTAY_DATABASE_POOL: 10,
      MAINSTAY_HEARTBEAT_MS: 1_000,
      MAINSTAY_LEASE_MS: 4_000,
      MAINSTAY_REDIS_PREFIX: 'mainstay',
      MAINSTAY_STALLED_AFTER_MS: 600_000,
      MAINSTAY_UNDECIDED_AFTER_MS: 86_400_000,
      MAINSTAY_READY_KINDS: [],
    });
    expect(config.MANAGEMENT_PORT).toBeUndefined();
    expect(config.MAINSTAY_BOOTSTRAP_ADMIN_KEY).toBeUndefined();
  });

  test('names everything that is missing', () => {
    expect(variables(failure(orchestratorEnv, {})).toSorted()).toEqual(['DATABASE_URL', 'MAINSTAY_SIGNING_KEYS', 'REDIS_URL']);
  });

  test('refuses a lease that one lost heartbeat would end, together with all other problems', () => {
    const error = failure(orchestratorEnv, { ...minimal, MAINSTAY_HEARTBEAT_MS: '1s', MAINSTAY_LEASE_MS: '2s', PORT: 'x' });
    expect(variables(error).toSorted()).toEqual(['MAINSTAY_LEASE_MS', 'PORT']);
    expect(loadConfig(orchestratorEnv, { ...minimal, MAINSTAY_LEASE_MS: '2001' }).MAINSTAY_LEASE_MS).toBe(2_001);
  });

  test('does not judge the lease while one of its two variables is unreadable', () => {
    const error = failure(orchestratorEnv, { ...minimal, MAINSTAY_HEARTBEAT_MS: 'often', MAINSTAY_LEASE_MS: '200' });
    expect(variables(error)).toEqual(['MAINSTAY_HEARTBEAT_MS']);
  });

  test('refuses a short admin key and keeps a long one secret', () => {
    expect(variables(failure(orchestratorEnv, { ...minimal, MAINSTAY_BOOTSTRAP_ADMIN_KEY: 'short' }))).toEqual([
      'MAINSTAY_BOOTSTRAP_ADMIN_KEY',
    ]);
    const long = 'a'.repeat(32);
    const config = loadConfig(orchestratorEnv, { ...minimal, MAINSTAY_BOOTSTRAP_ADMIN_KEY: long });
    expect(config.MAINSTAY_BOOTSTRAP_ADMIN_KEY?.reveal()).toBe(long);
    expect(JSON.stringify(config)).not.toContain(long);
  });
});

describe('agentsEnv', () => {
  test('takes no database credentials', () => {
    const config = loadConfig(agentsEnv, { ...minimal, MAINSTAY_WORKER_KINDS: 'analysis, report' });
    expect(config).not.toHaveProperty('DATABASE_URL');
    expect(config).toMatchObject({ MAINSTAY_WORKER_CAPACITY: 16, MAINSTAY_WORKER_KINDS: ['analysis', 'report'] });
  });
});

describe('cliEnv', () => {
  test('needs nothing', () => {
    expect(loadConfig(cliEnv, {})).toMatchObject({ MAINSTAY_URL: 'http://127.0.0.1:3000' });
  });
});
