import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { AppProcess } from './app-process.ts';
import { type Started, System } from './system.ts';

jest.setTimeout(120_000);

/** Documented in docs/OBSERVABILITY.md: the command, and what it prints. */
const DOCUMENT = new URL('../../../docs/OBSERVABILITY.md', import.meta.url);
const CORRELATION = 'c-one-run-0001';
const TRACE = '0af7651916cd43dd8448eb211c80319c';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly service: string;
  readonly run?: string;
  readonly correlationId?: string;
  readonly traceId?: string;
  readonly [field: string]: unknown;
}

const definition = {
  name: 'one-run',
  stages: [
    { id: 'wait', agent: 'sleep', input: { ms: 150 } },
    { id: 'flaky', agent: 'fail', needs: ['wait'], input: { times: 1 }, retry: { maxAttempts: 3, baseMs: 50, maxMs: 100 } },
  ],
};

let system: System;
let orchestrator: Started;
let worker: AppProcess;
let folder: string;

beforeAll(async () => {
  system = await System.start();
  orchestrator = await system.orchestrator();
  worker = await system.worker(orchestrator.api);
  folder = await mkdtemp(join(tmpdir(), 'mainstay-logs-'));
  await orchestrator.api.put(definition);
});
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

const linesOf = ({ log }: AppProcess): readonly Line[] =>
  log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

async function submit(correlationId: string): Promise<string> {
  const headers = { 'x-correlation-id': correlationId, traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
  const { id } = await orchestrator.api.json<{ id: string }>('POST', '/api/v1/runs', { pipeline: 'one-run' }, headers);
  expect((await orchestrator.api.ended(id)).status).toBe('succeeded');
  await new Promise((resolve) => setTimeout(resolve, 200));
  return id;
}

describe('the log of one run', () => {
  test('grep by its correlation id shows it end to end over all processes, as documented', async () => {
    await submit(CORRELATION);
    await writeFile(join(folder, 'orchestrator.log'), orchestrator.process.log);
    await writeFile(join(folder, 'worker.log'), worker.log);
    const document = await readFile(DOCUMENT, 'utf8');
    const [, command = '', recorded = ''] = /<!-- one run: begin -->\s*```sh\n([^]*?)\n```\s*```text\n([^]*?)\n```/.exec(document) ?? [];
    expect(command).toContain(CORRELATION);
    const printed = execFileSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' }).trim();
    // lines of the same millisecond come in any order
    expect(printed.split('\n').map(shape).sort()).toEqual(recorded.split('\n').map(shape).sort());
    expect(printed).toMatch(/^\S+ info mainstay-orchestrator request: [^]* a run ended: succeeded, \d+ ms$/);
  });

  test('every line of it has the correlation id and the trace, in every process, also when all is logged', async () => {
    await orchestrator.api.json('PUT', '/api/v1/admin/log-level', { level: 'debug', forSeconds: 60 });
    const id = await submit('c-one-run-0002');
    const lines = [...linesOf(orchestrator.process), ...linesOf(worker)];
    const ofRun = lines.filter((line) => line.run === id || line.correlationId === 'c-one-run-0002');
    for (const line of ofRun) expect(line).toMatchObject({ correlationId: 'c-one-run-0002', traceId: TRACE });
    expect(new Set(ofRun.map(({ service }) => service))).toEqual(new Set(['mainstay-orchestrator', 'agents']));
    // what moved it on, and what it took
    const types = ofRun.flatMap(({ event }) => (typeof event === 'string' ? [event] : []));
    expect(types).toEqual(
      expect.arrayContaining(['run.created', 'run.started', 'task.dispatched', 'task.succeeded', 'task.retrying', 'run.succeeded']),
    );
    expect(ofRun.find(({ msg }) => msg === 'request')).toMatchObject({
      route: '/api/v1/runs',
      status: 202,
      durationMs: expect.any(Number),
    });
    expect(ofRun.filter(({ msg }) => msg === 'an attempt ended')).toHaveLength(3);
    // elsewhere it is named by nobody who does not say which
    expect(lines.filter((line) => JSON.stringify(line).includes(id) && line.correlationId === undefined)).toEqual([]);
  });
});

describe('a process that ends by an error that nobody handles', () => {
  /** Has the process fail so when it gets the signal. */
  const failing = (how: string) => ({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2',()=>{const e=new Error('the end',{cause:new Error('the reason')});${how}})`)}`,
    LOG_LEVEL: 'debug',
  });

  test.each([
    ['an exception', 'setImmediate(()=>{throw e})', 'uncaught exception'],
    ['a rejection', 'Promise.reject(e)', 'unhandled rejection'],
  ])('has written its last lines: %s', async (_name, how, msg) => {
    const dying = await system.worker(orchestrator.api, failing(how));
    process.kill(dying.pid, 'SIGUSR2');
    expect(await dying.ended).toBe(1);
    const lines = linesOf(dying);
    const fatal = lines.findIndex(({ level }) => level === 'fatal');
    expect(lines[fatal]).toMatchObject({ msg, err: { message: 'the end', cause: { message: 'the reason' } } });
    // once, with its cause once; then it ends in order, and tells of that to the end
    expect(lines.filter((line) => JSON.stringify(line).includes('the reason'))).toHaveLength(1);
    expect(lines.slice(fatal + 1).map((line) => line.msg)).toContain('shutting down');
    expect(lines.at(-1)?.msg).toBe('shut down');
  });
});

/** A printed line without what differs each time: the time, and how long things took. */
function shape(line: string): string {
  return line
    .trim()
    .replace(/^\S+/, 'TIME')
    .replaceAll(/\d+(?:\.\d+)? ms/g, 'N ms');
}
