import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { checkFile } from '@mainstay/lifecycle';
import { freePort } from '@mainstay/services';
import { ApiClient } from './api-client.ts';
import type { AppProcess } from './app-process.ts';
import { type Started, System } from './system.ts';
import { p99Of, type Latencies, timeRequests } from './testing/latencies.ts';

jest.setTimeout(120_000);
const run = promisify(execFile);

const ROUTES = ['/health', '/health/ready', '/health/detailed', '/health/resources'];
/** Of each route. */
const REQUESTS = 200;
const PROMISED_MS = 100;
/** A machine that is so busy that even `/health`, which asks nobody, takes long while all is well, is judged by what it can do. */
const TIMES_IDLE = 3;

interface Ready {
  readonly status: string;
  readonly checks: Readonly<
    Record<string, { readonly status: string; readonly code?: string; readonly since?: string; readonly lastOkAt?: string }>
  >;
}

let system: System;
let orchestrator: Started;
let worker: AppProcess;
/** With a key that is kept in Postgres, as operators have them. */
let monitor: ApiClient;
let idle: Latencies;

beforeAll(async () => {
  system = await System.start();
  orchestrator = await system.orchestrator();
  worker = await system.worker(orchestrator.api);
  const { key } = await orchestrator.api.json<{ key: string }>('POST', '/api/v1/api-keys', { name: 'monitor', scopes: ['metrics:read'] });
  monitor = new ApiClient(orchestrator.api.url, key);
  idle = await timeRequests(monitor, ROUTES, REQUESTS);
  report('nothing', idle);
});
afterAll(() => system.close());

const ready = async () => (await (await monitor.request('GET', '/health/ready')).json()) as Ready;

function report(what: string, latencies: Latencies): void {
  const figures = Object.entries(latencies).map(([route, all]) => `${route} ${p99Of(all).toFixed(1)}`);
  process.stdout.write(`p99 in ms while ${what} hangs: ${figures.join(', ')}\n`);
}

async function expectPrompt(what: string): Promise<void> {
  const hanging = await timeRequests(monitor, ROUTES, REQUESTS);
  report(what, hanging);
  for (const [route, all] of Object.entries(hanging)) {
    const limit = Math.max(PROMISED_MS, TIMES_IDLE * p99Of(idle[route] ?? []));
    expect({ route, p99: p99Of(all), within: p99Of(all) <= limit }).toMatchObject({ route, within: true });
  }
}

async function until(holds: (report: Ready) => boolean, withinMs = 20_000): Promise<Ready> {
  const end = Date.now() + withinMs;
  for (;;) {
    const report = await ready();
    if (holds(report)) return report;
    if (Date.now() > end) throw new Error(`Not within ${String(withinMs)} ms: ${JSON.stringify(report)}\n${orchestrator.process.output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Processes that the process has started, and those that they have. */
async function family(pid: number): Promise<readonly number[]> {
  const all: number[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    if (Number(/^\d+ \(.*\) \S (\d+)/.exec(stat)?.[1]) === pid) all.push(Number(entry), ...(await family(Number(entry))));
  }
  return all;
}

const signalAll = (pids: readonly number[], signal: NodeJS.Signals) => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended meanwhile
    }
  }
};

describe('health answers while what it looks at hangs', () => {
  test('Postgres: its server and all that serve connections are stopped, not closed', async () => {
    const { pid } = system.postgres;
    const stopped = [pid, ...(await family(pid))];
    signalAll(stopped, 'SIGSTOP');
    try {
      await expectPrompt('Postgres');
      const { status, checks } = await ready();
      expect({ status, checks }).toMatchObject({
        status: 'down',
        checks: {
          postgres: { status: 'down', code: 'OPERATION_TIMEOUT', since: expect.any(String), lastOkAt: expect.any(String) },
          redis: { status: 'ok' },
          filesystem: { status: 'ok' },
        },
      });
    } finally {
      signalAll(stopped, 'SIGCONT');
    }
    await until(({ status }) => status === 'ok');
  });

  test('Redis', async () => {
    system.redis.pause();
    try {
      await until(({ checks }) => checks['redis']?.status === 'down');
      await expectPrompt('Redis');
      expect(await ready()).toMatchObject({ status: 'down', checks: { redis: { status: 'down', since: expect.any(String) } } });
    } finally {
      system.redis.resume();
    }
    await until(({ status }) => status === 'ok');
  });

  test('the disk: what the check writes is never taken, and one thread of the pool is held, not all', async () => {
    const file = checkFile(system.dataFolder, orchestrator.process.pid);
    await run('mkfifo', [file]);
    try {
      await until(({ checks }) => checks['filesystem']?.status === 'down');
      await expectPrompt('the disk');
      // what needs the pool still works: scrypt, name look-ups and files of other folders
      expect(await (await orchestrator.api.request('GET', '/metrics')).text()).toContain('mainstay_health_score');
      expect(await poolThreadsAt(orchestrator.process.pid)).toBeLessThanOrEqual(1);
    } finally {
      await run('timeout', ['10', 'cat', file]).catch(() => undefined);
    }
    await until(({ status }) => status === 'ok');
  });

  test('an orchestrator without workers is degraded, not down', async () => {
    const detailed = async () =>
      (await (await monitor.request('GET', '/health/detailed')).json()) as { agents: { kinds: Record<string, unknown> } };
    expect((await detailed()).agents.kinds).toMatchObject({ noop: { workers: 1, missing: false } });
    await worker.end('SIGTERM');
    expect((await until(({ status }) => status !== 'ok')).checks['agents']).toMatchObject({
      status: 'degraded',
      code: 'SERVICE_UNAVAILABLE',
    });
    expect((await monitor.request('GET', '/health/ready')).status).toBe(200);
    expect((await detailed()).agents.kinds).toEqual({});
  });
});

test('an orchestrator and a worker shut down in time while the disk hangs', async () => {
  const graceMs = 5_000;
  const own = { MAINSTAY_SHUTDOWN_GRACE_MS: String(graceMs) };
  const { api, process: other } = await system.orchestrator({ env: own });
  const port = await freePort();
  const second = await system.worker(api, { ...own, MANAGEMENT_PORT: String(port) });
  const files = [other, second].map(({ pid }) => checkFile(system.dataFolder, pid));
  for (const file of files) await run('mkfifo', [file]).catch(() => undefined);
  const looks = [`${api.url}/health/ready`, `http://127.0.0.1:${String(port)}/health/ready`];
  const hangs = async (url: string) => ((await (await fetch(url)).json()) as Ready).checks['filesystem']?.code === 'OPERATION_TIMEOUT';
  try {
    for (const [index, url] of looks.entries()) {
      for (const end = Date.now() + 20_000; Date.now() < end && !(await hangs(url));) {
        await run('mkfifo', [files[index] ?? '']).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(await hangs(url)).toBe(true);
    }
    const since = performance.now();
    await Promise.all([second.end('SIGTERM'), other.end('SIGTERM')]);
    const tookMs = performance.now() - since;
    process.stdout.write(`shutdown while the disk hangs: ${tookMs.toFixed(0)} ms, of ${String(graceMs)} ms of grace\n`);
    expect(tookMs).toBeLessThan(graceMs + 3_000);
    for (const { log } of [other, second]) expect(log).toContain('this process kills itself');
  } finally {
    for (const file of files) await rm(file, { force: true });
  }
});

/** Threads of the process that wait for the other end of a pipe to be opened: those that a hanging disk holds. */
async function poolThreadsAt(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${String(pid)}/task`);
  const waits = await Promise.all(tasks.map((task) => readFile(`/proc/${String(pid)}/task/${task}/wchan`, 'utf8').catch(() => '')));
  return waits.filter((wait) => /fifo|wait_for_partner/.test(wait)).length;
}
