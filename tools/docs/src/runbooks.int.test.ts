import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, makeTestFolder } from '@mainstay/services';
import { type ApiClient, System } from '@mainstay/system';
import { codeBlocks } from './markdown.ts';
import { ROOT, textOf } from './repository.ts';

jest.setTimeout(120_000);
const run = promisify(execFile);
const AT_ONCE = 4;

interface List {
  readonly items: readonly { readonly id: string }[];
}

/** Pages whose cause is mended by no command of ours, and why. */
const MENDED_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  'servers, networks, machines and processes are started, moved or given more': [
    ...['audit-records-wait', 'dependency-unreachable', 'event-loop-busy', 'lease-losses', 'no-progress', 'postgres-down', 'process-down'],
    ...[
      'redis-calls-fail',
      'redis-down',
      'redis-may-evict',
      'redis-memory-high',
      'slow-commits',
      'slow-statements',
      'spans-dropped',
      'start-delay-burns',
    ],
    ...['tasks-wait-long', 'watchdog'],
  ],
  'settings, agents, pipelines or what they call are changed by those who own them': [
    ...['breaker-open', 'cache-hit-rate', 'connection-pool-exhausted', 'event-loop-lag', 'messages-refused', 'model-error-rate'],
    ...['task-retry-storm', 'zero-result-rate'],
  ],
  'it leads to the pages of what causes it': [
    ...['alert-lasts', 'api-availability-burns', 'api-latency-burns', 'health-low', 'high-error-rate', 'high-latency', 'stale-results'],
  ],
};

let folder: string;
let system: System;
let api: ApiClient;
/** What the reader puts in, by the name that stands for it. Each is used up by one command. */
const own = new Map<string, string>();
let management: number;
beforeAll(async () => {
  folder = await makeTestFolder('mainstay-runbooks-');
  system = await System.start();
  management = await freePort();
  ({ api } = await system.orchestrator({ env: { MANAGEMENT_PORT: String(management) } }));
  await system.worker(api, { MAINSTAY_WORKER_KINDS: 'fail,ask' });
  const once = { retry: { maxAttempts: 1 } };
  const put = (name: string, stage: object) => api.put({ name, stages: [{ id: 'a', ...once, ...stage }] } as { name: string });
  await put('fails', { agent: 'fail', input: { times: 9 } });
  await put('asks', { agent: 'ask', input: { question: 'go on?' } });
  await put('waits', { agent: 'nobody' });
  const [first, second, failed] = await Promise.all([1, 2, 3].map(() => api.submit('fails')));
  for (const run of [first, second, failed]) await api.ended(run ?? '');
  const letterOf = async (run = '') => (await api.json<List>('GET', `/api/v1/dead-letters?run=${run}`)).items[0]?.id ?? '';
  const asking = await api.submit('asks');
  await api.until(asking, ({ status }) => status === 'waiting');
  const worker = await system.worker(api, { MAINSTAY_WORKER_KINDS: 'noop' });
  const key = await api.json<{ id: string }>('POST', '/api/v1/api-keys', { name: 'old', scopes: ['metrics:read'] });
  const given = {
    'dead-letter': await letterOf(first),
    'other-dead-letter': await letterOf(second),
    'failed-run': failed ?? '',
    'waiting-run': await api.submit('waits'),
    decision: (await api.json<List>('GET', `/api/v1/decisions?run=${asking}`)).items[0]?.id ?? '',
    'api-key': key.id,
    pid: String(worker.pid),
  };
  for (const [name, value] of Object.entries(given)) own.set(name, value);
});
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every command of the runbooks once, as it is run, with the pages that it stands on. */
function commands(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const page of readdirSync(join(ROOT, 'docs/runbooks')))
    for (const { language, text } of codeBlocks(textOf(`docs/runbooks/${page}`)))
      if (language === 'sh') for (const line of text.split('\n').map(filledIn)) found.set(line, [...(found.get(line) ?? []), page]);
  return found;
}

/** The command as it stands, with what the reader has to put in, and without waiting for long. */
function filledIn(command: string): string {
  return command
    .replaceAll('npx mainstay', 'mainstay')
    .replaceAll(/<([a-z-]+)>/g, (placeholder, name: string) => own.get(name) ?? placeholder)
    .replaceAll('http://127.0.0.1:9464', `http://127.0.0.1:${management}`)
    .replaceAll(/--seconds \d+/g, '--seconds 1');
}

async function problemOf(command: string): Promise<string | undefined> {
  const { NODE_OPTIONS: _unused, ...inherited } = process.env;
  const env = {
    ...inherited,
    PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    ...{ BASE: api.url, KEY: api.key, MAINSTAY_URL: api.url, MAINSTAY_API_KEY: api.key, DATABASE_URL: system.postgres.url },
  };
  try {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', command], { env, cwd: folder, timeout: 60_000 });
    return stdout.trim() === '' && !command.startsWith('kill') ? 'it printed nothing' : undefined;
  } catch (error) {
    // it found something: that is what it is for
    if (command.startsWith('mainstay doctor') && isFinding(error)) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Exit code 1, and what is wrong. */
function isFinding(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 1 && 'stdout' in error && error.stdout !== '';
}

test('every command of the runbooks works against a running system', async () => {
  const waiting = [...commands()];
  expect(waiting.length).toBeGreaterThan(10);
  const problems: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [command, pages] = next;
      const problem = await problemOf(command);
      if (problem !== undefined) problems.push({ command, pages, problem });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(problems).toEqual([]);
});

test('what a page mends by commands is executed; of the others it is said why not', () => {
  const pages = readdirSync(join(ROOT, 'docs/runbooks')).flatMap((page) => (page === 'README.md' ? [] : [page.replace('.md', '')]));
  const mending = (page: string): string =>
    textOf(`docs/runbooks/${page}.md`)
      .split(/^## /m)
      .find((part) => part.startsWith('How to mend')) ?? '';
  const executed = pages.filter((page) => codeBlocks(mending(page)).some(({ language }) => language === 'sh'));
  const byHand = Object.values(MENDED_BY_HAND).flat();
  expect([...executed, ...byHand].toSorted()).toEqual(pages.toSorted());
  expect(executed.length).toBeGreaterThanOrEqual(9);
});
