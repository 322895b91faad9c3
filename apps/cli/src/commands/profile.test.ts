import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { ApiServer, problem, type Received, sendJson } from '../testing/api-server.ts';
import { memoryIo } from '../testing/memory-io.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4, columnNumber: 1, scriptId: '7' });
const recorded = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3], hitCount: 0 },
    { id: 2, callFrame: frame('work', 'file:///w/apps/agents/src/work.ts') },
    { id: 3, callFrame: frame('(idle)') },
  ],
  startTime: 1,
  endTime: 2,
  samples: [2, 3],
  timeDeltas: [250_000, 750_000],
};

async function profile(url: string, ...argv: readonly string[]) {
  const { io, out, err } = memoryIo(['profile', ...argv], { cwd: folder, env: { MAINSTAY_URL: url, MAINSTAY_API_KEY: 'k' } });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

const answering = (answer: (request: Received, response: ServerResponse) => unknown) => new ApiServer(answer).start();

describe('mainstay profile', () => {
  test('shows where the time goes, and writes the profile as it came and a flame graph', async () => {
    await using server = await answering((_request, response) => sendJson(response, 200, recorded));
    const { code, out, err } = await profile(server.url, '--seconds', '3', '--out', 'a.cpuprofile', '--svg', 'a.svg');
    expect([code, err]).toEqual([EXIT.succeeded, '']);
    expect(out).toContain('0.3 s busy of 1.0 s recorded');
    expect(out).toMatch(/250 ms +100\.0 % +apps\/agents\/src\n[^]*250 ms +100\.0 % +work apps\/agents\/src\/work\.ts:5/);
    expect(server.received).toMatchObject([{ method: 'POST', path: '/profile?seconds=3&interval=1000' }]);
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    expect(JSON.parse(await readFile(join(folder, 'a.cpuprofile'), 'utf8'))).toEqual(recorded);
    expect(await readFile(join(folder, 'a.svg'), 'utf8')).toMatch(/^<svg [^]*>work<[^]*<\/svg>\n$/);
  });

  test('sends the key to whom it is asked by', async () => {
    await using server = await answering(({ headers }, response) => {
      if (headers.authorization === 'Bearer k') sendJson(response, 200, recorded);
      else sendJson(response, 401, problem(401, 'UNAUTHENTICATED'));
    });
    const { code, out } = await profile(server.url, '--json');
    expect(code).toBe(EXIT.succeeded);
    expect(JSON.parse(out)).toMatchObject({ recordedMs: 1_000, busyMs: 250, functions: [{ selfMs: 250, share: 1 }] });
  });

  test('has a process record itself by its name, through an orchestrator, with the key', async () => {
    await using server = await answering(({ body, headers }, response) => {
      const { kind, process } = JSON.parse(body) as { readonly kind: string; readonly process: string };
      const lagMs = { mean: 1, p50: 1, p90: 2, p99: 3, max: 44 };
      const loop = { recordedMs: 1_000, utilization: 0.25, lagMs, resources: { TCPSocketWrap: 2 } };
      const heap = { process, file: '/d/profiles/w1.heapsnapshot', bytes: 2_097_152, tookMs: 7 };
      const taken = kind === 'cpu' ? recorded : kind === 'heap' ? heap : loop;
      if (headers.authorization === 'Bearer k') sendJson(response, 200, taken);
      else sendJson(response, 401, problem(401, 'UNAUTHENTICATED'));
    });
    expect((await profile(server.url, '--process', 'w1', '--seconds', '1')).out).toContain('0.3 s busy of 1.0 s recorded');
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/api/v1/admin/profiles' });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({ process: 'w1', kind: 'cpu', seconds: 1, intervalMicros: 1_000 });
    const heap = await profile(server.url, '--process', 'w1', '--kind', 'heap');
    expect(heap.out).toContain('/d/profiles/w1.heapsnapshot on the machine of w1: 2.0 MB in 7 ms\n');
    const loop = await profile(server.url, '--process', 'w1', '--kind', 'event-loop');
    expect(loop.out).toContain('busy 25.0 % of 1.0 s\nlag: p50 1 ms, p90 2 ms, p99 3 ms, at most 44 ms\n');
    expect((await profile(server.url, '--kind', 'heap')).code).toBe(EXIT.usage);
  });

  test('reads a file instead', async () => {
    await writeFile(join(folder, 'b.cpuprofile'), JSON.stringify(recorded));
    expect((await profile('http://127.0.0.1:9', 'b.cpuprofile')).out).toContain('work apps/agents/src/work.ts:5');
  });

  test('says what is wrong, with the exit codes of all commands', async () => {
    await using wrongPort = await answering((_request, response) => sendJson(response, 404, problem(404, 'ROUTE_NOT_FOUND')));
    expect(await profile(wrongPort.url)).toMatchObject({ code: EXIT.notFound, err: expect.stringContaining('MANAGEMENT_PORT') });
    await using busy = await answering((_request, response) => sendJson(response, 409, problem(409, 'PROFILE_RUNNING')));
    expect(await profile(busy.url)).toMatchObject({ code: EXIT.conflict, err: expect.stringContaining('PROFILE_RUNNING') });
    await using other = await answering((_request, response) => sendJson(response, 200, { nodes: 'none' }));
    expect(await profile(other.url)).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('no CPU profile') });
    await writeFile(join(folder, 'c.cpuprofile'), '{}');
    for (const argv of [
      ['missing.cpuprofile'],
      ['c.cpuprofile'],
      ['c.cpuprofile', '--out', 'd.cpuprofile'],
      ['--svg', 'no/such/folder.svg'],
      ['--seconds', '61'],
      ['--interval', '1'],
    ]) {
      expect({ argv, ...(await profile('http://127.0.0.1:9', ...argv)) }).toMatchObject({ argv, code: EXIT.usage, out: '' });
    }
  });
});
