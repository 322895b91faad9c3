import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

async function logLevel(api: ApiServer, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(['log-level', ...argv], { env: { MAINSTAY_URL: api.url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

describe('mainstay log-level', () => {
  test('changes that of all processes or of one, for a while', async () => {
    await using api = await new ApiServer(({ body }, response) => {
      const { level, process = 'orchestrator-1', forSeconds } = JSON.parse(body) as Record<string, string | undefined>;
      const scope = process === 'w1' ? 'process' : 'all';
      const until = forSeconds === undefined ? {} : { until: '2026-01-01T00:10:00.000Z' };
      sendJson(response, 200, { level, previous: 'info', process, scope, ...until });
    }).start();
    expect((await logLevel(api, 'debug', '--for', '10m')).out).toBe(
      'all processes: debug until 2026-01-01T00:10:00.000Z (orchestrator-1 had info)\n',
    );
    expect((await logLevel(api, 'trace', '--process', 'w1')).out).toBe('w1: trace (w1 had info)\n');
    expect(api.received.map(({ method, path, body }) => [method, path, JSON.parse(body) as unknown])).toEqual([
      ['PUT', '/api/v1/admin/log-level', { level: 'debug', forSeconds: 600 }],
      ['PUT', '/api/v1/admin/log-level', { level: 'trace', process: 'w1' }],
    ]);
    expect(JSON.parse((await logLevel(api, 'warn', '--json')).out)).toMatchObject({ level: 'warn', scope: 'all' });
  });

  test('says what is wrong, with the exit codes of all commands', async () => {
    await using api = await new ApiServer((_request, response) => sendJson(response, 404, problem(404, 'PROCESS_NOT_FOUND'))).start();
    expect((await logLevel(api, 'debug', '--process', 'nobody')).code).toBe(EXIT.notFound);
    expect((await logLevel(api)).code).toBe(EXIT.usage);
  });
});
