import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

const PATH = '/api/v1/maintenance/retention';
const DAY_MS = 86_400_000;

/** A server with so many runs that are old enough, which removes at most 1,000 of them per request. */
const keeping = (removable: number, view: object = {}) =>
  new ApiServer(({ method, path, body }, response) => {
    if (!path.startsWith(PATH)) sendJson(response, 404, problem(404, 'ROUTE_NOT_FOUND'));
    else if (method === 'GET') {
      sendJson(response, 200, {
        keepDays: 30,
        everyMinutes: 60,
        finishedRuns: 5_000,
        oldestEndedAt: '2020-01-01T00:00:00.000Z',
        endedBefore: '2030-01-01T00:00:00.000Z',
        removable,
        ...view,
      });
    } else {
      const { limit } = JSON.parse(body) as { readonly limit: number };
      const removed = Math.min(limit, 1_000, removable);
      removable -= removed;
      sendJson(response, 200, { endedBefore: '2030-01-01T00:00:00.000Z', removed, more: removable > 0 });
    }
  }).start();

async function retention(server: ApiServer, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(['retention', ...argv], { env: { MAINSTAY_URL: server.url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

const requests = ({ received }: ApiServer) => received.map(({ method, path }) => `${method} ${path.slice(PATH.length)}`);

describe('mainstay retention', () => {
  test('shows the policy and what there is', async () => {
    await using server = await keeping(1_234);
    const { code, out } = await retention(server);
    expect(code).toBe(EXIT.succeeded);
    expect(out).toMatch(
      /^finished runs are kept for 30 days; each orchestrator looks every 60 minutes\nthere are about 5,000 finished runs; the oldest ended \d+d ago\n1,234 runs old enough to be removed\n$/,
    );
    expect(JSON.parse((await retention(server, '--json')).out)).toMatchObject({ keepDays: 30, removable: 1_234 });
  });

  test('says when runs are kept for ever', async () => {
    await using server = await keeping(0, { keepDays: null, endedBefore: undefined, removable: undefined });
    expect((await retention(server)).out).toContain('kept for ever');
    expect(await retention(server, 'run', '--yes')).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('--older-than') });
  });
});

describe('mainstay retention run', () => {
  test('asks the server again until nothing is left', async () => {
    await using server = await keeping(2_500);
    expect(await retention(server, 'run', '--older-than', '7d', '--yes')).toEqual({ code: 0, out: 'removed 2,500 runs\n', err: '' });
    expect(requests(server)).toEqual([`GET ?olderThanMs=${7 * DAY_MS}`, 'POST ', 'POST ', 'POST ']);
    expect(JSON.parse(server.received[1]?.body ?? '')).toEqual({ olderThanMs: 7 * DAY_MS, limit: 100_000 });
  });

  test('removes no more than the limit', async () => {
    await using server = await keeping(5_000);
    expect(JSON.parse((await retention(server, 'run', '--limit', '1200', '--yes', '--json')).out)).toMatchObject({ removed: 1_200 });
  });

  test('removes nothing with --dry-run, and without a yes', async () => {
    await using server = await keeping(5_000);
    const dry = await retention(server, 'run', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^5,000 runs that ended before 2030-01-01T00:00:00.000Z would be removed/),
    });
    expect(await retention(server, 'run')).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('--yes') });
    expect(requests(server)).toEqual(['GET ', 'GET ']);
  });

  test('asks nothing and does nothing when nothing is old enough', async () => {
    await using server = await keeping(0);
    expect(await retention(server, 'run')).toMatchObject({ code: 0, out: expect.stringContaining('0 runs') });
    expect(requests(server)).toEqual(['GET ']);
  });

  test.each(['7', '0', 'week', '-1d', '7w', ''])('refuses the age %j', async (age) => {
    await using server = await keeping(1);
    expect(await retention(server, 'run', '--older-than', age, '--yes')).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('with its unit'),
    });
    expect(server.received).toEqual([]);
  });

  test('tells who is not allowed', async () => {
    await using server = await new ApiServer((_request, response) => sendJson(response, 403, problem(403, 'FORBIDDEN'))).start();
    expect((await retention(server, 'run', '--yes')).code).toBe(EXIT.denied);
  });
});
