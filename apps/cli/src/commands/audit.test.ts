import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

const record = {
  ...{ id: '1', at: '2020-01-01T00:00:00.000Z', actor: 'key:7', action: 'dead-letter.discarded', target: 'letter-1' },
  ...{ details: { reason: 'the file is gone', count: 2 }, correlationId: 'c' },
};

const serving = () =>
  new ApiServer(({ path }, response) => {
    if (path.includes('nonsense')) sendJson(response, 400, problem(400, 'VALIDATION_FAILED'));
    else sendJson(response, 200, { items: [record], cursor: 'next' });
  }).start();

async function cli(server: ApiServer, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(argv, { env: { MAINSTAY_URL: server.url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

const queryOf = ({ received }: ApiServer) => new URL(received[0]?.path ?? '', 'http://x').searchParams;

describe('mainstay audit', () => {
  test('lists who did what to what, and how it goes on', async () => {
    await using server = await serving();
    const { code, out } = await cli(server, 'audit');
    expect(code).toBe(EXIT.succeeded);
    for (const part of ['key:7', 'dead-letter.discarded', 'letter-1', 'reason=the file is gone count=2']) expect(out).toContain(part);
    expect(JSON.parse((await cli(server, 'audit', '--json')).out)).toEqual({ items: [record], cursor: 'next' });
  });

  test('asks for what is wanted, times also as durations', async () => {
    await using server = await serving();
    const before = Date.now();
    await cli(server, 'audit', '--action', 'x.y', '--actor', 'admin', '--target', 't', '--after', '1h', '--before', '2026-01-31T12:00Z');
    const query = queryOf(server);
    expect([query.get('action'), query.get('actor'), query.get('target'), query.get('before')]).toEqual([
      ...['x.y', 'admin', 't', '2026-01-31T12:00:00.000Z'],
    ]);
    expect(Math.abs(Date.parse(query.get('after') ?? '') - (before - 3_600_000))).toBeLessThan(10_000);
  });

  test.each([
    ['--after', 'soon'],
    ['--before', '2026-99-99'],
    ['--limit', '0'],
  ])('refuses %s %s', async (option, value) => {
    await using server = await serving();
    expect((await cli(server, 'audit', option, value)).code).toBe(EXIT.usage);
    expect(server.received).toEqual([]);
  });

  test('ends with the code for wrong input where the server says so', async () => {
    await using server = await serving();
    expect((await cli(server, 'audit', '--action', 'nonsense')).code).toBe(EXIT.usage);
  });
});
