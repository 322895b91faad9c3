import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

const PATH = '/api/v1/admin/emergency';
const calm = { active: false, process: 'orchestrator-1', triggers: [], score: 0.98, memoryShare: 0.31, leastPriority: 'low', recent: [] };

/** A server that is in an emergency when it was told so. */
const server = () => {
  let view: object = calm;
  return new ApiServer(({ method, path, body }, response) => {
    if (path !== PATH) {
      sendJson(response, 404, problem(404, 'ROUTE_NOT_FOUND'));
      return;
    }
    if (method === 'POST') {
      const { active, reason } = JSON.parse(body) as { readonly active: boolean; readonly reason: string };
      const at = new Date().toISOString();
      const entered = { change: 'entered', at, triggers: ['manual'], reason, by: 'admin' };
      const acted = { ...entered, change: 'acted', actions: [{ action: 'lock-down', result: 'done', tookMs: 1 }] };
      view = active ? { ...calm, active, triggers: ['manual'], leastPriority: 'high', recent: [acted, entered] } : calm;
    }
    sendJson(response, 200, view);
  }).start();
};

async function emergency(api: ApiServer, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(['emergency', ...argv], { env: { MAINSTAY_URL: api.url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

describe('mainstay emergency', () => {
  test('begins, shows and ends one', async () => {
    await using api = await server();
    expect((await emergency(api, 'status')).out).toBe('no emergency at orchestrator-1: health 0.980, 31 % of memory\n');
    const begun = await emergency(api, 'on', '--reason', 'drill');
    expect(begun.code).toBe(EXIT.succeeded);
    expect(begun.out).toMatch(/^EMERGENCY \(manual\) at orchestrator-1/);
    expect(begun.out).toContain('runs below priority high are refused');
    expect(begun.out).toContain('lock-down: done');
    expect(begun.out).toContain('by admin: drill');
    expect(JSON.parse((await emergency(api, 'status', '--json')).out)).toMatchObject({ active: true, triggers: ['manual'] });
    expect((await emergency(api, 'off')).out).toMatch(/^no emergency/);
    expect(JSON.parse(api.received.at(-1)?.body ?? '')).toEqual({ active: false, reason: 'ended from the command line' });
  });

  test('does not begin one without a reason', async () => {
    await using api = await server();
    expect(await emergency(api, 'on')).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('--reason') });
    expect(api.received).toEqual([]);
  });

  test('tells who is not allowed', async () => {
    await using api = await new ApiServer((_request, response) => sendJson(response, 403, problem(403, 'FORBIDDEN'))).start();
    expect((await emergency(api, 'on', '--reason', 'x')).code).toBe(EXIT.denied);
  });
});
