import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

const PATH = '/api/v1/dead-letters';
const ID = '01a20581-fab6-7993-a12f-6d9fcdc32a1e';

const letter = (more: object = {}) => ({
  ...{ id: ID, run: 'run-1', pipeline: 'review', stage: 'scan', agent: 'analysis', attempt: 4, losses: 0, input: { path: '/x' } },
  ...{ error: { code: 'AGENT_FAILED', message: 'it broke', disposition: 'retryable' }, at: '2020-01-01T00:00:00.000Z' },
  ...more,
});

const RUN = {
  ...{ id: 'run-1', pipeline: 'review', version: 1, status: 'running', priority: 0, tasks: [], input: {} },
  createdAt: '2020-01-01T00:00:00.000Z',
};

/** A server with so many letters that wait, of which one request redrives at most 50; those in `stubborn` fail. */
const keeping = (waiting: number, stubborn = 0) =>
  new ApiServer(({ method, path, body }, response) => {
    const given = (body === '' ? {} : JSON.parse(body)) as { readonly limit?: number; readonly reason?: string };
    if (method === 'GET') sendJson(response, 200, path.startsWith(`${PATH}/`) ? letter() : { items: [letter()] });
    else if (path === `${PATH}/redrive`) {
      const matched = Math.min(given.limit ?? 100, 50, waiting);
      const failed = Math.min(stubborn, matched);
      waiting -= matched;
      stubborn -= failed;
      const { id } = letter();
      const failures = Array.from({ length: failed }, () => ({ id, run: 'run-1', code: 'OVERLOADED', message: 'too much' }));
      const more = waiting > 0 ? { cursor: `after ${String(waiting)}` } : {};
      sendJson(response, 200, { matched, redriven: matched - failed, runs: matched - failed, already: 0, failed: failures, ...more });
    } else if (path === `${PATH}/${ID}/redrive`) sendJson(response, 200, RUN);
    else if (path.endsWith('/discard')) {
      sendJson(response, 200, letter({ discardedAt: '2020-01-02T00:00:00.000Z', discardedBy: 'ann', discardReason: given.reason }));
    } else sendJson(response, 404, problem(404, 'DEAD_LETTER_NOT_FOUND'));
  }).start();

async function cli(server: ApiServer, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(argv, { env: { MAINSTAY_URL: server.url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

const requests = ({ received }: ApiServer) => received.map(({ method, path }) => `${method} ${path.slice(PATH.length)}`);

describe('mainstay dead-letters', () => {
  test('lists, also without a word', async () => {
    await using server = await keeping(1);
    const { code, out } = await cli(server, 'dead-letters', '--limit', '5');
    expect([code, out.includes(ID), out.includes('waiting')]).toEqual([EXIT.succeeded, true, true]);
    await cli(server, 'dead-letters', 'list', '--status', 'waiting', '--code', 'AGENT_FAILED');
    expect(requests(server)).toEqual(['GET ?limit=5', 'GET ?status=waiting&code=AGENT_FAILED']);
  });

  test('shows one with its input', async () => {
    await using server = await keeping(1);
    const { out } = await cli(server, 'dead-letters', 'show', ID);
    expect(out).toContain('"path": "/x"');
    expect(JSON.parse((await cli(server, 'dead-letters', 'show', ID, '--json')).out)).toMatchObject({ id: ID });
  });

  test('discards with a reason, and not without', async () => {
    await using server = await keeping(1);
    expect((await cli(server, 'dead-letters', 'discard', ID, ID, '--reason', 'the file is gone')).out).toBe(
      `discarded ${ID}\ndiscarded ${ID}\n`,
    );
    expect(server.received.map(({ body }) => body)).toEqual(['{"reason":"the file is gone"}', '{"reason":"the file is gone"}']);
    expect((await cli(server, 'dead-letters', 'discard', ID)).code).toBe(EXIT.usage);
  });
});

describe('mainstay dead-letters redrive', () => {
  test('tries one again, with its own input or a corrected one', async () => {
    await using server = await keeping(1);
    expect(await cli(server, 'dead-letters', 'redrive', ID)).toMatchObject({
      code: EXIT.succeeded,
      out: expect.stringContaining('run run-1 is running\n'),
    });
    expect(await cli(server, 'redrive', ID, '--input', '{"path":"/y"}')).toMatchObject({ code: EXIT.succeeded });
    expect(requests(server)).toEqual([`POST /${ID}/redrive`, `POST /${ID}/redrive`]);
    expect(server.received.map(({ body }) => JSON.parse(body === '' ? '{}' : body) as unknown)).toEqual([{}, { input: { path: '/y' } }]);
  });
});

describe('mainstay dead-letters redrive --all', () => {
  test('asks again with the cursor until there is none', async () => {
    await using server = await keeping(120);
    expect(await cli(server, 'dead-letters', 'redrive', '--all', '--pipeline', 'review')).toMatchObject({
      ...{ code: EXIT.succeeded, out: 'redrove 120 dead letters; 120 runs went on\n' },
    });
    expect(server.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { pipeline: 'review', limit: 200 },
      { pipeline: 'review', limit: 200, cursor: 'after 70' },
      { pipeline: 'review', limit: 200, cursor: 'after 20' },
    ]);
  });

  test('redrives no more than the limit', async () => {
    await using server = await keeping(120);
    const { out } = await cli(server, 'redrive', '--all', '--limit', '60', '--json');
    expect(JSON.parse(out)).toEqual({ matched: 60, redriven: 60, runs: 60, failed: [] });
  });

  test('names what could not be redriven, and goes on', async () => {
    await using server = await keeping(60, 2);
    const { code, out } = await cli(server, 'redrive', '--all');
    expect(code).toBe(EXIT.failed);
    expect(out).toContain('redrove 58 dead letters');
    expect(out.match(/OVERLOADED/g)).toHaveLength(2);
  });

  test.each([[[]], [[ID, '--all']], [[ID, '--pipeline', 'x']], [['--all', '--input', '{}']]])('refuses %j', async (argv) => {
    await using server = await keeping(1);
    expect((await cli(server, 'redrive', ...argv)).code).toBe(EXIT.usage);
    expect(server.received).toEqual([]);
  });
});
