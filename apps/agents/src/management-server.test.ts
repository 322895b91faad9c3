import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHealth, createLifecycle } from '@mainstay/lifecycle';
import { createLogger, createMetrics } from '@mainstay/observability';
import { asCpuProfile, hotFunctions } from '@mainstay/profiling';
import { NetworkError } from '@mainstay/types';
import { managementServer } from './management-server.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const metrics = createMetrics({ service: 'test', processMetrics: false });
const lifecycle = createLifecycle({ logger });
let base: string;
let port: number;

beforeAll(async () => {
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const checks = {
    redis: { check: () => undefined },
    filesystem: { check: () => Promise.reject(new NetworkError('no such folder')), critical: false },
  };
  lifecycle.add(managementServer({ port, metrics, health: createHealth({ lifecycle, checks }), logger }));
  await lifecycle.start();
});
afterAll(async () => {
  await lifecycle.shutdown('the test is over');
  metrics.close();
});

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, () => {
    const { port: free } = server.address() as AddressInfo;
    server.close(() => resolve(free));
  });
  return await promise;
}

const profile = (query = '', headers: Record<string, string> = {}, at = base) =>
  fetch(`${at}/profile${query}`, { method: 'POST', headers });

/** An address of this machine that is not its loopback; none in some containers. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** Calls itself, so that it is not inlined: what was inlined before the recording began counts for the caller. */
function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

describe('the management port of a worker', () => {
  test('shows metrics and health', async () => {
    expect((await fetch(`${base}/health`)).status).toBe(200);
    const ready = await fetch(`${base}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      {
        status: 'degraded',
        state: 'ready',
        checks: { redis: { status: 'ok' }, filesystem: { status: 'degraded', code: 'NETWORK_FAILED' } },
      },
    ]);
    expect((await fetch(`${base}/metrics`)).status).toBe(200);
    expect((await fetch(`${base}/profile`)).status).toBe(404);
  });

  test('gives a profile in which the function that takes the time is found, one at a time', async () => {
    const timer = setInterval(() => fibonacci(24), 1);
    try {
      const [first, second] = await Promise.all([profile('?seconds=1'), profile('?seconds=1')]);
      const [given, refused] = first.status === 200 ? [first, second] : [second, first];
      const hot = hotFunctions(asCpuProfile(await given.json()), 3).map(({ name }) => name);
      expect(hot).toContainEqual(expect.stringMatching(/^fibonacci .*management-server\.test\.ts/));
      expect(await refused.json()).toMatchObject({ status: 409, code: 'PROFILE_RUNNING', details: { endsInMs: expect.any(Number) } });
    } finally {
      clearInterval(timer);
    }
  });

  test('refuses pages of browsers and what it does not understand', async () => {
    const page = await profile('', { origin: 'http://127.0.0.1' });
    expect([page.status, page.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect(await (await profile('?seconds=x')).json()).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: '/seconds' }] });
  });

  test('changes the log level for a while, for this machine and no page of a browser', async () => {
    const put = (body: string, headers: Record<string, string> = {}) => fetch(`${base}/log-level`, { method: 'PUT', body, headers });
    try {
      const answer = await put('{"level":"fatal","forSeconds":600}');
      expect([answer.status, await answer.json()]).toEqual([200, { level: 'fatal', previous: 'silent', until: expect.any(String) }]);
      expect(logger.level).toBe('fatal');
      expect(await (await put('{"level":"loud"}')).json()).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect((await put('{"level":"info"}', { origin: 'http://127.0.0.1' })).status).toBe(403);
      expect(logger.level).toBe('fatal');
    } finally {
      logger.level = 'silent';
    }
  });

  (outside === undefined ? test.skip : test)('gives no profile to other machines', async () => {
    const answer = await profile('', {}, `http://${outside ?? ''}:${port}`);
    expect(await answer.json()).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });
});
