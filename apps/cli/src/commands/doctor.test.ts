import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

const safe = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://mainstay:x8Kq2@db.example.com/mainstay?sslmode=verify-full',
  REDIS_URL: 'rediss://:Zp31k@redis.example.com',
  MAINSTAY_SIGNING_KEYS: `a:${randomBytes(32).toString('base64')}`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the doctor over a file with these settings. */
async function doctor(
  settings: Readonly<Record<string, string>>,
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const file = join(folder, 'settings.env');
  const text = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
  await writeFile(file, text.join('\n'));
  const { io, out, err } = memoryIo(['doctor', '--env-file', file, ...argv], { cwd: folder, env });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

describe('mainstay doctor', () => {
  test('has nothing against safe settings', async () => {
    const { code, out, err } = await doctor(safe);
    expect([code, out.trim(), err]).toEqual([EXIT.succeeded, 'the settings are safe for production', '']);
  });

  test('says what is unsafe, why, and how to mend it, without secrets', async () => {
    const { code, out } = await doctor({ ...safe, REDIS_URL: 'redis://:Zp31k@redis.example.com', LOG_LEVEL: 'debug' });
    expect(code).toBe(EXIT.failed);
    expect(out).toContain('refused  Redis is on another host and is not reached over TLS');
    expect(out).toContain('Use rediss://.');
    expect(out).toContain('refused  the log level is debug');
    expect(out).not.toContain('Zp31k');
  });

  test('warns only, for staging; asks for more, for enterprise', async () => {
    expect((await doctor({ ...safe, LOG_LEVEL: 'debug' }, ['--profile', 'staging'])).code).toBe(EXIT.succeeded);
    const forever = { ...safe, MAINSTAY_RETENTION_DAYS: '0' };
    expect((await doctor(forever)).code).toBe(EXIT.succeeded);
    expect((await doctor({ ...forever, MAINSTAY_PROFILE: 'enterprise' })).code).toBe(EXIT.failed);
  });

  test('tells of variables that are missing or wrong', async () => {
    const { DATABASE_URL: _, ...rest } = safe;
    const { code, out } = await doctor({ ...rest, PORT: 'many' }, ['--json']);
    expect(code).toBe(EXIT.failed);
    const { invalid, passed } = JSON.parse(out) as { readonly invalid: readonly { readonly variable: string }[]; readonly passed: boolean };
    expect(invalid.map(({ variable }) => variable).sort()).toEqual(['DATABASE_URL', 'PORT']);
    expect(passed).toBe(false);
  });

  test.each([
    [0.9, EXIT.succeeded],
    [0.7, EXIT.failed],
  ])('asks a running system: health %p', async (score, expected) => {
    const parts = { dependencies: 1, memory: score };
    await using server = await new ApiServer((_request, response) =>
      sendJson(response, 200, { name: 'a', status: 'ok', score, parts }),
    ).start();
    const { code, out } = await doctor(safe, ['--running'], { MAINSTAY_URL: server.url, MAINSTAY_API_KEY: 'k' });
    expect(code).toBe(expected);
    expect(out).toContain(`a is ok, health ${score.toFixed(3)}`);
    expect(out).toContain(`memory ${score.toFixed(3)}`);
    expect(server.received.map(({ path }) => path)).toEqual(['/health/detailed']);
  });

  test('refuses a profile that there is not, and a file that cannot be read', async () => {
    expect((await doctor(safe, ['--profile', 'home'])).code).toBe(EXIT.usage);
    expect((await doctor(safe, ['--env-file', 'nowhere.env'])).code).toBe(EXIT.usage);
  });
});
