import { describe, expect, test } from '@jest/globals';
import { acquireServices } from './acquire-services.ts';

const withPassword = (scheme: string, user: string, password: string, rest: string): string => `${scheme}://${user}:${password}@${rest}`;

const configured = {
  DATABASE_URL: withPassword('postgresql', 'me', 'secret-one', 'db.example:5432/main'),
  REDIS_URL: withPassword('rediss', '', 'secret-two', 'cache.example:6380'),
};

describe('configured services', () => {
  test('both configured: they are given as they are, nothing is started, and the line about them has no password', async () => {
    const services = await acquireServices({ dataDir: '/nonexistent/never-made', env: configured });
    expect(services.databaseUrl).toBe(configured.DATABASE_URL);
    expect(services.redisUrl).toBe(configured.REDIS_URL);
    expect(services.describe()).toBe('Postgres: DATABASE_URL at db.example:5432; Redis: REDIS_URL at cache.example:6380');
    await services.release();
  });

  test.each([
    ['DATABASE_URL', 'mysql://db.example/main'],
    ['REDIS_URL', 'cache.example:6380'],
  ])('a %s that is no such URL is refused by name, without its value', async (variable, value) => {
    const work = acquireServices({ dataDir: '/nonexistent/never-made', env: { ...configured, [variable]: value } });
    await expect(work).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining(variable) });
    await expect(work).rejects.not.toMatchObject({ message: expect.stringContaining(value) });
  });
});
