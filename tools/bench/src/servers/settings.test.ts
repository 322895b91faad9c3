import { describe, expect, test } from '@jest/globals';
import { postgresProblems, redisProblems, type Setting } from './settings.ts';

const durable: readonly Setting[] = ['fsync', 'synchronous_commit', 'full_page_writes'].map((name) => ({
  name,
  value: 'on',
  chosen: true,
}));

describe('postgresProblems', () => {
  test('has nothing against defaults and settings without influence', () => {
    const port = { name: 'port', value: '5433', chosen: true };
    expect(postgresProblems([...durable, port, { name: 'shared_buffers', value: '16384', chosen: false }])).toEqual([]);
  });

  test.each(['fsync', 'synchronous_commit', 'full_page_writes'])('insists on %s', (name) => {
    const weak = durable.map((setting) => (setting.name === name ? { ...setting, value: 'off' } : setting));
    expect(postgresProblems(weak)).toEqual([`Postgres has ${name} = off; it must be on`]);
    expect(postgresProblems(durable.filter((setting) => setting.name !== name))).toHaveLength(1);
  });

  test('refuses what somebody tuned', () => {
    expect(postgresProblems([...durable, { name: 'commit_delay', value: '100', chosen: true }])).toEqual([
      'Postgres has commit_delay = 100; it must have its default',
    ]);
  });
});

describe('redisProblems', () => {
  const settings = { appendonly: 'yes', appendfsync: 'everysec', save: '', 'maxmemory-policy': 'noeviction' };

  test('insists on the log and how it is written', () => {
    expect(redisProblems(new Map(Object.entries(settings)), 'everysec')).toEqual([]);
    expect(redisProblems(new Map(Object.entries(settings)), 'always')).toEqual(['Redis has appendfsync = "everysec"; it must be "always"']);
    expect(redisProblems(new Map(), 'always')).toHaveLength(4);
  });
});
