import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AuthError,
  CancelledError,
  ConfigurationError,
  ConflictError,
  InternalError,
  NetworkError,
  NotFoundError,
  TimeoutError,
  ValidationError,
} from '@mainstay/types';
import { RemoteError } from './client/remote-error.ts';
import { parseAnswer, parseDuration, parseInteger } from './commands/values.ts';
import { EXIT, EXIT_MEANINGS, exitOfError, exitOfRun } from './exit-codes.ts';
import type { Io } from './io.ts';
import { runCli } from './run-cli.ts';
import { ApiServer, problem, type Received, sendJson, sse } from './testing/api-server.ts';
import { memoryIo } from './testing/memory-io.ts';
import { event, run } from './testing/run-facts.ts';
import { readAnswer } from './watch/prompt.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-cli-'));
  await writeFile(join(folder, 'admin.key'), 'the-admin-key\n');
  await writeFile(join(folder, 'pipeline.json'), '{"name":"demo","stages":[]}');
  await writeFile(join(folder, 'broken.json'), '{"name":');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(server: ApiServer | undefined, argv: readonly string[], more: Partial<Io> = {}) {
  const env = { MAINSTAY_URL: server?.url ?? 'http://127.0.0.1:9', MAINSTAY_API_KEY: 'k' };
  const { io, out, err } = memoryIo(argv, { cwd: folder, env, ...more });
  const code = await runCli(io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err() };
}

interface Story {
  readonly events: readonly ReturnType<typeof event>[];
  readonly end: ReturnType<typeof run>;
  readonly decision?: unknown;
}

/** A server with one run that has ended as the story says. */
const telling = ({ events, end, decision }: Story) =>
  new ApiServer((request: Received, response) => {
    const { method, path } = request;
    if (path.endsWith('/events')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(`${events.map(sse).join('')}event: end\ndata: {}\n\n`);
    } else if (method === 'PUT') sendJson(response, 201, { name: 'demo', version: 3 });
    else if (path === '/api/v1/runs' && method === 'POST') sendJson(response, 202, { id: 'run-1', status: 'running' });
    else if (path.startsWith('/api/v1/decisions/')) sendJson(response, 200, decision);
    else if (path.startsWith('/api/v1/runs/run-1')) sendJson(response, 200, end);
    else sendJson(response, 404, problem(404, 'RUN_NOT_FOUND'));
  }).start();

const good: Story = {
  events: [event(1, 'run.started'), event(2, 'task.started', 'one', { attempt: 1 }), event(3, 'run.succeeded')],
  end: run('succeeded', { output: { words: 3 } }),
};

describe('runCli', () => {
  test('shows each event of a watched run on a line of its own, then the output', async () => {
    await using server = await telling(good);
    const { code, out, err } = await cli(server, ['watch', 'run-1']);
    expect(out).toBe('00:00:01  run: started\n00:00:02  one: started on a worker\n00:00:03  run: succeeded\n{\n  "words": 3\n}\n');
    expect([code, err]).toEqual([EXIT.succeeded, '']);
  });

  test('gives JSON lines of a watched run, the run last', async () => {
    await using server = await telling(good);
    const lines = (await cli(server, ['watch', 'run-1', '--json'])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ type }) => type)).toEqual(['run.started', 'task.started', 'run.succeeded', 'run']);
    expect(lines.at(-1)).toMatchObject({ run: { output: { words: 3 } } });
  });

  test('stores the definition in a file and starts that version of it', async () => {
    await using server = await telling(good);
    const { code, out } = await cli(
      server,
      ['run', 'pipeline.json', '--input', '-', '--priority', '-5', '--idempotency-key', 'key', '--json'],
      { stdin: Readable.from(['{"a":1}']) },
    );
    expect(code).toBe(EXIT.succeeded);
    expect(JSON.parse(out)).toMatchObject({ id: 'run-1', output: { words: 3 } });
    const [put, post] = server.received;
    expect(put).toMatchObject({ method: 'PUT', path: '/api/v1/pipelines/demo', body: '{"name":"demo","stages":[]}' });
    expect(JSON.parse(post?.body ?? '')).toEqual({ pipeline: 'demo', version: 3, priority: -5, input: { a: 1 } });
    expect(post?.headers['idempotency-key']).toBe('key');
  });

  test('prints nothing but the id of a detached run with --quiet', async () => {
    await using server = await telling(good);
    expect(await cli(server, ['run', 'demo', '--detach', '--quiet'])).toEqual({ code: EXIT.succeeded, out: 'run-1\n', err: '' });
  });

  test('says why a run failed and ends with 1', async () => {
    const error = { code: 'RUN_FAILED', message: 'Stage two failed', cause: { code: 'AGENT_FAILED', message: 'no luck' } };
    await using server = await telling({ events: [event(1, 'run.failed')], end: run('failed', { error }) });
    const { code, out } = await cli(server, ['watch', 'run-1', '--quiet']);
    expect(code).toBe(EXIT.failed);
    expect(out).toContain('  RUN_FAILED: Stage two failed\n  because: AGENT_FAILED: no luck\n');
  });

  test('ends with 7 for a cancelled run', async () => {
    await using server = await telling({ events: [event(1, 'run.cancelled')], end: run('cancelled') });
    expect((await cli(server, ['watch', 'run-1'])).code).toBe(EXIT.cancelled);
  });

  test('answers questions by itself with --yes, with the default where there is one', async () => {
    const asked = {
      id: 'd1',
      run: 'run-1',
      stage: 'one',
      kind: 'gate',
      status: 'open',
      question: { question: 'Ok?', options: ['accept', 'reject'], default: 'reject' },
      openedAt: '2030-01-01T00:00:00.000Z',
    };
    const answered = Promise.withResolvers<string>();
    await using server = await new ApiServer((request, response) => {
      if (request.path.endsWith('/events')) {
        response
          .writeHead(200, { 'Content-Type': 'text/event-stream' })
          .write(sse(event(1, 'decision.opened', 'one', { decision: 'd1', question: 'Ok?' })));
        void answered.promise.then(() => response.end(`${sse(event(2, 'run.succeeded'))}event: end\ndata: {}\n\n`));
      } else if (request.path.startsWith('/api/v1/decisions/')) {
        if (request.method === 'POST') answered.resolve(request.body);
        sendJson(response, 200, asked);
      } else sendJson(response, request.method === 'POST' ? 202 : 200, run('succeeded'));
    }).start();
    expect((await cli(server, ['run', 'demo', '--yes'])).code).toBe(EXIT.succeeded);
    expect(JSON.parse(await answered.promise)).toMatchObject({ answer: 'reject' });
  });

  test('stops watching with 8 when the time is over, and says that the run goes on', async () => {
    await using server = await new ApiServer((request, response) => {
      if (request.path.endsWith('/events')) response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
      else sendJson(response, 200, run('running'));
    }).start();
    const { code, err } = await cli(server, ['watch', 'run-1', '--timeout', '100ms']);
    expect(code).toBe(EXIT.timeout);
    expect(err).toContain('mainstay watch run-1');
  });

  test('detaches when it is interrupted, without cancelling', async () => {
    const interrupted = new AbortController();
    await using server = await new ApiServer((request, response) => {
      if (!request.path.endsWith('/events')) {
        sendJson(response, 200, run('running'));
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(sse(event(1, 'run.started')));
      setTimeout(() => interrupted.abort(new CancelledError('CANCELLED', 'interrupted')), 20);
    }).start();
    const { code, out } = await cli(server, ['watch', 'run-1'], { signal: interrupted.signal });
    expect(code).toBe(EXIT.detached);
    expect(out).toContain('Detached; run run-1 goes on. Watch it with: mainstay watch run-1');
    expect(server.received.map(({ method }) => method)).not.toContain('POST');
  });

  test('shows a problem with its issues, hint and correlation id', async () => {
    await using server = await new ApiServer((_request, response) =>
      sendJson(response, 422, problem(422, 'PIPELINE_INVALID', { issues: [{ path: '/stages', problem: 'is empty' }], traceId: 't-1' })),
    ).start();
    const { code, err } = await cli(server, ['put', 'pipeline.json']);
    expect(code).toBe(EXIT.usage);
    expect(err).toBe(
      'error: title of PIPELINE_INVALID (PIPELINE_INVALID)\n  detail of PIPELINE_INVALID\n  /stages: is empty\n  hint: a hint\n  correlation id: c-1\n  trace: t-1\n',
    );
  });

  test('shows the trace of a run', async () => {
    const shown = { id: 'run-1', pipeline: 'p', version: 1, status: 'running', input: {}, tasks: [], createdAt: new Date(0).toISOString() };
    await using server = await new ApiServer((_request, response) => sendJson(response, 200, { ...shown, traceId: 'a1b2' })).start();
    expect((await cli(server, ['show', 'run-1'])).out).toContain('trace a1b2');
  });

  test('gives the problem as JSON with --json', async () => {
    await using server = await telling(good);
    const { code, err } = await cli(server, ['show', 'other', '--json']);
    expect(code).toBe(EXIT.notFound);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' }, exitCode: 5 });
  });

  test('takes the admin key from the data folder when no key is given', async () => {
    await using server = await telling(good);
    await cli(server, ['show', 'run-1'], { env: { MAINSTAY_URL: server.url, MAINSTAY_DATA_DIR: folder } });
    expect(server.received[0]?.headers.authorization).toBe('Bearer the-admin-key');
    await cli(server, ['show', 'run-1', '--key', 'given']);
    expect(server.received[1]?.headers.authorization).toBe('Bearer given');
  });

  test('ends with 4 when there is no key at all', async () => {
    const { code, err } = await cli(undefined, ['runs'], { env: { MAINSTAY_DATA_DIR: join(folder, 'none') } });
    expect(code).toBe(EXIT.denied);
    expect(err).toContain('MAINSTAY_API_KEY');
  });

  test.each([
    [['review', './no-such-folder'], /no-such-folder cannot be reviewed: it does not exist/],
    [['run', 'demo', '--input', '{bad'], /--input is not JSON/],
    [['run', 'demo', '--input', '@none.json'], /none\.json cannot be read: it does not exist/],
    [['run', './none.json'], /There is no file/],
    [['put', 'broken.json'], /is not JSON/],
    [['run', 'demo', '--priority', '101'], /-100 to 100/],
    [['watch', 'x', '--timeout', 'soon'], /duration/],
    [['decide', 'd1'], /missing required argument 'answer'/],
    [['invented'], /unknown command 'invented'/],
    [['runs', '--url', 'ftp://x'], /--url must be an address/],
    [[], /Usage: mainstay/],
  ])('refuses %j with 2 and says why', async (argv, message) => {
    const { code, err } = await cli(undefined, argv);
    expect(code).toBe(EXIT.usage);
    expect(err).toMatch(message);
  });

  test('prints its version', async () => {
    expect(await cli(undefined, ['--version'])).toMatchObject({ code: EXIT.succeeded, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test.each([
    'review',
    'run',
    'watch',
    'runs',
    'show',
    'cancel',
    'pause',
    'resume',
    'retry',
    'decisions',
    'decide',
    'agents',
    'dead-letters',
    'redrive',
    'pipelines',
    'put',
  ])('has help with an example and the exit codes for %s', async (name) => {
    const { code, out } = await cli(undefined, [name, '--help']);
    expect(code).toBe(EXIT.succeeded);
    expect(out).toContain(`Usage: mainstay ${name}`);
    expect(out).toMatch(new RegExp(`Examples:\\n  \\$ .*mainstay ${name}`));
    expect(out).toContain('Exit codes:');
  });

  test('has the faults of a drill, as the drill itself knows them', async () => {
    const { code, out } = await cli(undefined, ['chaos', '--help']);
    expect(code).toBe(EXIT.succeeded);
    for (const kind of ['redis-full', 'file-handles', 'orchestrator-stop', 'rolling']) expect(out).toContain(kind);
    expect(out).toContain('(default: 2m)');
  });
});

describe('exit codes', () => {
  const remote = (status: number) => new RemoteError({ title: 't', status, code: 'SOME_CODE' });

  test.each([
    [remote(400), 2],
    [remote(401), 4],
    [remote(403), 4],
    [remote(404), 5],
    [remote(409), 6],
    [remote(413), 2],
    [remote(422), 2],
    [remote(429), 3],
    [remote(500), 3],
    [remote(503), 3],
    [new ValidationError('VALIDATION_FAILED', 'x'), 2],
    [new ConfigurationError('CONFIG_INVALID', 'x'), 2],
    [new NetworkError('x'), 3],
    [new TimeoutError('OPERATION_TIMEOUT', 'x'), 3],
    [new TimeoutError('DEADLINE_EXCEEDED', 'x'), 8],
    [new AuthError('UNAUTHENTICATED', 'x'), 4],
    [new NotFoundError('NOT_FOUND', 'x'), 5],
    [new ConflictError('CONFLICT', 'x'), 6],
    [new CancelledError('CANCELLED', 'x'), 130],
    [new InternalError('x'), 70],
    [new TypeError('x'), 70],
  ])('%p ends with %i', (error, code) => {
    expect(exitOfError(error)).toBe(code);
  });

  test('of runs exist for runs that have ended only', () => {
    expect(['succeeded', 'failed', 'cancelled', 'running', 'invented'].map(exitOfRun)).toEqual([0, 1, 7, undefined, undefined]);
  });
});

describe('values', () => {
  test('an answer is JSON where it is JSON, else text', () => {
    expect(['accept', '5', 'true', '{"a":1}', '"5"', '{a'].map(parseAnswer)).toEqual(['accept', 5, true, { a: 1 }, '5', '{a']);
  });

  test('a typed answer is an option, by its beginning where that is clear, or the default', () => {
    const question = { options: ['accept', 'reject', 'retry', 3], default: { value: 'reject' } };
    expect(readAnswer(question, 'A')).toBe('accept');
    expect(readAnswer(question, ' 3 ')).toBe(3);
    expect(readAnswer(question, '')).toBe('reject');
    expect(() => readAnswer(question, 're')).toThrow('Type one of: accept, reject, retry, 3');
    expect(() => readAnswer({ options: undefined, default: undefined }, ' ')).toThrow('Type an answer');
    expect(readAnswer({ options: undefined, default: undefined }, '{"a":1}')).toEqual({ a: 1 });
  });

  test('durations and whole numbers are checked', () => {
    expect([parseDuration('90s'), parseDuration('1500')]).toEqual([90_000, 1_500]);
    expect(() => parseDuration('0')).toThrow();
    expect(parseInteger(-5, 5)('-5')).toBe(-5);
    for (const wrong of ['6', '1.5', '', 'x']) expect(() => parseInteger(-5, 5)(wrong)).toThrow('from -5 to 5');
  });
});

describe('README', () => {
  test('lists every exit code with its meaning', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| +(\d+) +\| +(.*?) +\|$/gm)].map(([, code, meaning]) => [
      Number(code),
      meaning?.replaceAll('`', ''),
    ]);
    const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
    expect(listed).toEqual(names.map((name) => [EXIT[name], EXIT_MEANINGS[name]]));
  });
});
