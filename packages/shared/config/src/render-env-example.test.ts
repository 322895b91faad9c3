import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { loadConfig } from './load-config.ts';
import { renderEnvExample } from './render-env-example.ts';
import { agentsEnv, cliEnv, orchestratorEnv } from './schemas.ts';

const FILE = new URL('../../../../.env.production.example', import.meta.url);
const assignments = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value] as const);

describe('renderEnvExample', () => {
  const rendered = renderEnvExample();
  const all = assignments(rendered, /^(?:# )?([A-Z][A-Z_]+)=(.*)$/gm);
  const active = Object.fromEntries(assignments(rendered, /^([A-Z][A-Z_]+)=(.*)$/gm));

  test('is what the committed file says; else run packages/shared/config/bin/write-env-example.mjs', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(rendered);
  });

  test('has every variable that people set, once', () => {
    const declared = new Set([orchestratorEnv, agentsEnv, cliEnv].flatMap((schema) => Object.keys(schema.shape)));
    declared.delete('MAINSTAY_PARENT_FD');
    expect(all.map(([name]) => name).toSorted()).toEqual([...declared].toSorted());
  });

  test('gives no secret a value', () => {
    const secrets = ['DATABASE_URL', 'REDIS_URL', 'MAINSTAY_SIGNING_KEYS', 'MAINSTAY_BOOTSTRAP_ADMIN_KEY', 'MAINSTAY_API_KEY'];
    expect(Object.fromEntries(all.filter(([name]) => secrets.includes(name)))).toEqual(
      Object.fromEntries(secrets.map((name) => [name, ''])),
    );
  });

  test('describes every variable and has no long lines', () => {
    for (const schema of [orchestratorEnv, agentsEnv, cliEnv]) {
      for (const type of Object.values<z.ZodType>(schema.shape)) expect(type.description).toMatch(/^[A-Z].{10,}\.$/);
    }
    expect(Math.max(...rendered.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(112);
  });

  test('is a working production environment once the required variables are filled in', () => {
    const env = {
      ...active,
      DATABASE_URL: 'postgres://u:p@host/db',
      REDIS_URL: 'rediss://host',
      MAINSTAY_SIGNING_KEYS: `k:${Buffer.alloc(32, 1).toString('base64')}`,
    };
    expect(loadConfig(orchestratorEnv, env)).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
    expect(loadConfig(agentsEnv, env)).toMatchObject({ NODE_ENV: 'production' });
  });

  test('shows each default as it is', () => {
    const shown = Object.fromEntries(all.filter(([name]) => !(name in active)));
    expect(shown).toMatchObject({ PORT: '3000', MAINSTAY_LEASE_MS: '4000', MAINSTAY_MAX_BODY_BYTES: '1mb', MANAGEMENT_PORT: '' });
  });
});
