import { describe, expect, test } from '@jest/globals';
import { orchestratorEnvironment, readSettings, workerEnvironment, workerManagementPort } from './settings.ts';

const env = {
  PATH: '/bin',
  DATABASE_URL: 'postgresql://elsewhere/db',
  MAINSTAY_BOOTSTRAP_ADMIN_KEY: 'k'.repeat(32),
  MAINSTAY_WORKER_CAPACITY: '3',
  MAINSTAY_HEARTBEAT_MS: '500',
  AWS_SECRET_ACCESS_KEY: 'not yours',
  NODE_OPTIONS: '--inspect',
};
const settings = readSettings({}, '/repo');
const given = { databaseUrl: 'postgresql://here/mainstay', redisUrl: 'redis://here', signingKeys: 'local:abc', settings };

describe('the settings of a start', () => {
  test('have the documented defaults', () => {
    expect(settings).toEqual({ port: 3000, host: '127.0.0.1', dataDir: '/repo/.mainstay', url: 'http://127.0.0.1:3000' });
  });

  test.each([
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    ['::', 'http://[::1]:8080'],
    ['10.1.2.3', 'http://10.1.2.3:8080'],
  ])('an orchestrator that listens on %s is reached at %s', (HOST, url) => {
    expect(readSettings({ HOST, PORT: '8080' }, '/repo').url).toBe(url);
  });

  test.each(['0', '70000', 'http', '-1', ''])('PORT=%s is refused by name', (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(/PORT must be a number/);
  });
});

describe('the environment of the children', () => {
  test('the orchestrator gets the services, its own variables, and nothing else of ours', () => {
    const made = orchestratorEnvironment(env, given);
    expect(made).toMatchObject({
      DATABASE_URL: given.databaseUrl,
      REDIS_URL: given.redisUrl,
      PORT: '3000',
      MAINSTAY_DATA_DIR: '/repo/.mainstay',
    });
    expect(made['MAINSTAY_BOOTSTRAP_ADMIN_KEY']).toBe(env.MAINSTAY_BOOTSTRAP_ADMIN_KEY);
    expect(Object.keys(made)).not.toEqual(expect.arrayContaining(['AWS_SECRET_ACCESS_KEY']));
    expect(Object.keys(made)).not.toEqual(expect.arrayContaining(['NODE_OPTIONS']));
  });

  test('both keep compiled modules in the data folder, unless told where', () => {
    const cacheOf = (own: object): unknown[] =>
      [orchestratorEnvironment, workerEnvironment].map((make) => make({ ...env, ...own }, given)['NODE_COMPILE_CACHE']);
    expect(cacheOf({})).toEqual(['/repo/.mainstay/compile-cache', '/repo/.mainstay/compile-cache']);
    expect(cacheOf({ NODE_COMPILE_CACHE: '/cache' })).toEqual(['/cache', '/cache']);
  });

  test('orchestrator and worker of one start have management ports of their own', () => {
    expect(workerManagementPort({ MANAGEMENT_PORT: '9464' })).toEqual({ MANAGEMENT_PORT: '9465' });
    expect(workerManagementPort({})).toEqual({});
  });

  test('a worker gets its own variables, but neither the database nor the admin key', () => {
    const made = workerEnvironment(env, given);
    expect(made).toMatchObject({
      REDIS_URL: given.redisUrl,
      MAINSTAY_SIGNING_KEYS: 'local:abc',
      MAINSTAY_WORKER_CAPACITY: '3',
      MAINSTAY_HEARTBEAT_MS: '500',
    });
    for (const name of ['DATABASE_URL', 'MAINSTAY_BOOTSTRAP_ADMIN_KEY', 'AWS_SECRET_ACCESS_KEY', 'NODE_OPTIONS'])
      expect(made).not.toHaveProperty(name);
  });
});
