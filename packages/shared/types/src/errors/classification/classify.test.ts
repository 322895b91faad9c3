import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { readFile, mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PrismaClientInitializationError, PrismaClientKnownRequestError, PrismaClientValidationError } from '@prisma/client/runtime/client';
import { Redis, ReplyError } from 'ioredis';
import jwt from 'jsonwebtoken';
import CircuitBreaker from 'opossum';
import { AbortError as PermanentError } from 'p-retry';
import pg from 'pg';
import { z } from 'zod';
import { NetworkError } from '../classes.ts';
import { wasNeverConnected } from '../network-failure.ts';
import { classifyError, toClassifiedError } from './classify.ts';

/** What the work throws. */
async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const listening = async (server: Server | TcpServer): Promise<number> => {
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers everything with the text, or ends the connection. */
const answering = (text: string | undefined): TcpServer =>
  createTcpServer((socket) => {
    socket.unref().on('error', () => undefined);
    socket.on('data', () => (text === undefined ? socket.destroy() : socket.write(text)));
  });

describe('classifyError, of errors of Node', () => {
  test('a refused connection of fetch, and that of http', async () => {
    const port = await closedPort();
    const error = await thrownBy(() => fetch(`http://127.0.0.1:${port}`));
    expect(classifyError(error)).toEqual({ code: 'NETWORK_FAILED', disposition: 'retryable', details: { reason: 'ECONNREFUSED' } });
    expect(wasNeverConnected(classifyError(error)?.details?.['reason'])).toBe(true);
  });

  test('a connection that breaks in the middle of a request', async () => {
    const server = answering(undefined);
    const port = await listening(server);
    const error = await thrownBy(() => fetch(`http://127.0.0.1:${port}`));
    server.close();
    expect(classifyError(error)).toMatchObject({ code: 'NETWORK_FAILED', disposition: 'retryable' });
    expect(wasNeverConnected(classifyError(error)?.details?.['reason'])).toBe(false);
  });

  test('an unknown certificate code is for good', () => {
    const error = new TypeError('fetch failed', {
      cause: Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    });
    expect(classifyError(error)).toMatchObject({ code: 'NETWORK_FAILED', disposition: 'terminal' });
  });

  test('files that are not there, and folders that are', async () => {
    expect(classifyError(await thrownBy(() => readFile('/nowhere/at/all')))).toEqual({
      code: 'INTERNAL',
      disposition: 'terminal',
      details: { reason: 'ENOENT' },
    });
    expect(classifyError(await thrownBy(() => mkdir('/')))).toMatchObject({ disposition: 'terminal' });
  });

  test('an address that is in use', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    const second = createTcpServer();
    const error = await new Promise((resolve) => second.once('error', resolve).listen(port, '127.0.0.1'));
    server.close();
    expect(classifyError(error)).toMatchObject({ code: 'CONFIG_INVALID', disposition: 'terminal' });
  });

  test('a thread that ran out of memory', async () => {
    const worker = new Worker('const hog = []; for (;;) hog.push(new Array(1e5).fill(hog.length));', {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
    });
    const error = await new Promise((resolve) => worker.once('error', resolve));
    expect(classifyError(error)).toMatchObject({ code: 'WORKER_OUT_OF_MEMORY', disposition: 'retryable' });
  });

  test('aborts and time-outs of signals', async () => {
    expect(classifyError(await thrownBy(() => AbortSignal.abort().throwIfAborted()))).toEqual({
      code: 'CANCELLED',
      disposition: 'cancelled',
    });
    const late = await thrownBy(async () => {
      const signal = AbortSignal.timeout(1);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    });
    expect(classifyError(late)).toEqual({ code: 'OPERATION_TIMEOUT', disposition: 'retryable' });
    expect(classifyError(await thrownBy(() => readFile(import.meta.filename, { signal: AbortSignal.abort() })))).toMatchObject({
      code: 'CANCELLED',
    });
  });

  test.each([
    ['ENOSPC', 'DISK_FULL', 'retryable'],
    ['EMFILE', 'OUT_OF_FILE_HANDLES', 'retryable'],
    ['EACCES', 'INTERNAL', 'terminal'],
    ['HPE_INVALID_CONSTANT', 'NETWORK_FAILED', 'retryable'],
    ['ETIMEDOUT', 'NETWORK_FAILED', 'retryable'],
  ])('%s', (code, ours, disposition) => {
    expect(classifyError(Object.assign(new Error(code), { code, syscall: 'x' }))).toMatchObject({ code: ours, disposition });
  });
});

describe('classifyError, of ioredis', () => {
  test('a server that is not there', async () => {
    const redis = new Redis({ port: await closedPort(), maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    expect(classifyError(await thrownBy(() => redis.connect()))).toMatchObject({ disposition: 'retryable' });
    expect(classifyError(await thrownBy(() => redis.get('x')))).toMatchObject({ code: 'REDIS_UNAVAILABLE', disposition: 'retryable' });
    redis.disconnect();
  });

  test('a client that was closed, and one that may not queue', async () => {
    const redis = new Redis({ port: await closedPort(), lazyConnect: true });
    redis.disconnect();
    expect(classifyError(await thrownBy(() => redis.get('x')))).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    const hasty = new Redis({ port: await closedPort(), lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
    hasty.on('error', () => undefined);
    expect(classifyError(await thrownBy(() => hasty.get('x')))).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    hasty.disconnect();
  });

  test('a connection that ends in the middle of a command, and a command without an answer', async () => {
    const dropping = answering(undefined);
    const redis = new Redis({
      port: await listening(dropping),
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      enableReadyCheck: false,
    });
    redis.on('error', () => undefined);
    expect(classifyError(await thrownBy(() => redis.get('x')))).toMatchObject({ code: 'REDIS_UNAVAILABLE', disposition: 'retryable' });
    redis.disconnect();
    dropping.close();
    const silent = answering('');
    const waiting = new Redis({ port: await listening(silent), commandTimeout: 20, enableReadyCheck: false, disableClientInfo: true });
    waiting.on('error', () => undefined);
    expect(classifyError(await thrownBy(() => waiting.get('x')))).toMatchObject({ code: 'OPERATION_TIMEOUT', disposition: 'retryable' });
    waiting.disconnect();
    silent.close();
  });

  test.each([
    ['LOADING Redis is loading the dataset in memory', 'REDIS_UNAVAILABLE', 'retryable'],
    ['READONLY You can not write against a read only replica.', 'REDIS_UNAVAILABLE', 'retryable'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'REDIS_FULL', 'retryable'],
    ['ERR user_script:3: OOM command not allowed when used memory', 'REDIS_FULL', 'retryable'],
    ['MISCONF Errors writing to the AOF file: No space left on device', 'REDIS_FULL', 'retryable'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'INTERNAL', 'terminal'],
    ['NOPERM this user has no permissions', 'CONFIG_INVALID', 'terminal'],
    ['BUSYGROUP Consumer Group name already exists', 'CONFLICT', 'terminal'],
  ])('the answer %s', (message, code, disposition) => {
    const error = new (ReplyError as unknown as new (message: string) => Error)(message);
    expect(classifyError(error)).toMatchObject({ code, disposition });
  });
});

describe('classifyError, of Postgres', () => {
  test.each([
    ['23505', 'CONFLICT', 'terminal'],
    ['23503', 'CONFLICT', 'terminal'],
    ['23514', 'VALIDATION_FAILED', 'terminal'],
    ['22P02', 'VALIDATION_FAILED', 'terminal'],
    ['40001', 'CONFLICT', 'retryable'],
    ['40P01', 'CONFLICT', 'retryable'],
    ['55P03', 'CONFLICT', 'retryable'],
    ['53300', 'POSTGRES_EXHAUSTED', 'retryable'],
    ['53400', 'POSTGRES_EXHAUSTED', 'retryable'],
    ['53100', 'DISK_FULL', 'retryable'],
    ['57P01', 'POSTGRES_UNAVAILABLE', 'retryable'],
    ['08006', 'POSTGRES_UNAVAILABLE', 'retryable'],
    ['25006', 'POSTGRES_UNAVAILABLE', 'retryable'],
    ['42601', 'INTERNAL', 'terminal'],
    ['XX000', 'INTERNAL', 'terminal'],
    ['P0001', 'INTERNAL', 'terminal'],
  ])('SQLSTATE %s', (state, code, disposition) => {
    const error = Object.assign(new pg.DatabaseError('x', 1, 'error'), { code: state, severity: 'ERROR' });
    expect(classifyError(error)).toMatchObject({ code, disposition, details: { reason: state } });
  });

  test.each([
    ['canceling statement due to statement timeout', 'OPERATION_TIMEOUT', 'retryable'],
    ['canceling statement due to user request', 'CANCELLED', 'cancelled'],
  ])('57014 by its message: %s', (message, code, disposition) => {
    const error = Object.assign(new pg.DatabaseError(message, 1, 'error'), { code: '57014' });
    expect(classifyError(error)).toMatchObject({ code, disposition });
  });

  test('a server that is not there, one that hangs up and one that says nothing', async () => {
    const connect = (port: number) =>
      thrownBy(() => new pg.Client({ host: '127.0.0.1', port, user: 'x', connectionTimeoutMillis: 100 }).connect());
    expect(classifyError(await connect(await closedPort()))).toMatchObject({ code: 'NETWORK_FAILED', disposition: 'retryable' });
    const dropping = answering(undefined);
    expect(classifyError(await connect(await listening(dropping)))).toMatchObject({ disposition: 'retryable' });
    dropping.close();
    const silent = answering('');
    expect(classifyError(await connect(await listening(silent)))).toMatchObject({ disposition: 'retryable' });
    silent.close();
  });
});

describe('classifyError, of Prisma', () => {
  const known = (code: string, meta: Record<string, unknown> = {}) =>
    new PrismaClientKnownRequestError('x', { code, clientVersion: '7.10.0', meta });

  test.each([
    ['P2002', 'CONFLICT', 'terminal'],
    ['P2025', 'NOT_FOUND', 'terminal'],
    ['P2024', 'OVERLOADED', 'retryable'],
    ['P2034', 'CONFLICT', 'retryable'],
    ['P1001', 'POSTGRES_UNAVAILABLE', 'retryable'],
    ['P1008', 'OPERATION_TIMEOUT', 'retryable'],
    ['P2009', 'INTERNAL', 'terminal'],
  ])('%s', (code, ours, disposition) => {
    expect(classifyError(known(code))).toEqual({ code: ours, disposition, details: { reason: code } });
  });

  test('a raw query by what the database said', () => {
    const cause = { kind: 'postgres', originalCode: '40P01', originalMessage: 'deadlock detected' };
    const driverAdapterError = Object.assign(new Error('x', { cause }), { name: 'DriverAdapterError' });
    expect(classifyError(known('P2010', { driverAdapterError }))).toMatchObject({ code: 'CONFLICT', disposition: 'retryable' });
    expect(classifyError(driverAdapterError)).toMatchObject({ code: 'CONFLICT' });
  });

  test('a client that cannot start, and a query that is wrong', () => {
    expect(classifyError(new PrismaClientInitializationError('x', '7.10.0'))).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(classifyError(new PrismaClientInitializationError('x', '7.10.0', 'P1002'))).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(classifyError(new PrismaClientValidationError('x', { clientVersion: '7.10.0' }))).toMatchObject({ disposition: 'terminal' });
  });
});

describe('classifyError, of libraries', () => {
  test('zod, with the path and problem of each fault', () => {
    const { error } = z.object({ 'a/b': z.array(z.number()) }).safeParse({ 'a/b': ['x'] });
    const classified = classifyError(error);
    expect(classified).toMatchObject({ code: 'VALIDATION_FAILED', disposition: 'terminal' });
    expect(classified?.details).toEqual({ issues: [{ path: '/a~1b/0', problem: expect.any(String) }] });
    const many = z.array(z.number()).safeParse(Array.from({ length: 100 }, () => 'x')).error;
    expect(classifyError(many)?.details?.['issues']).toHaveLength(20);
  });

  test('opossum: open, out of time, full, shut down', async () => {
    const fails = new CircuitBreaker(async () => Promise.reject(new Error('x')), { volumeThreshold: 0, timeout: false });
    await thrownBy(() => fails.fire());
    expect(classifyError(await thrownBy(() => fails.fire()))).toMatchObject({
      code: 'CIRCUIT_OPEN',
      disposition: 'retryable',
      retryAfterMs: 30_000,
    });
    fails.shutdown();
    expect(classifyError(await thrownBy(() => fails.fire()))).toMatchObject({ code: 'SHUTTING_DOWN' });
    const hangs = new CircuitBreaker(() => new Promise(() => undefined), { timeout: 5, capacity: 1 });
    const first = thrownBy(() => hangs.fire());
    expect(classifyError(await thrownBy(() => hangs.fire()))).toMatchObject({ code: 'OVERLOADED' });
    expect(classifyError(await first)).toMatchObject({ code: 'OPERATION_TIMEOUT', disposition: 'retryable' });
    hangs.shutdown();
  });

  test('p-retry: its AbortError is no cancellation', () => {
    expect(classifyError(new PermanentError('never'))).toMatchObject({ disposition: 'terminal' });
  });

  test('jsonwebtoken', async () => {
    const old = jwt.sign({ exp: 1 }, 'k'.repeat(32));
    for (const token of ['nonsense', old]) {
      const error = await thrownBy(() => jwt.verify(token, 'k'.repeat(32)));
      expect(classifyError(error)).toMatchObject({ code: 'UNAUTHENTICATED', disposition: 'terminal' });
    }
  });
});

describe('classifyError, of answers over HTTP', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, status, retryAfter] = request.url?.split('/') ?? [];
      response.writeHead(Number(status), retryAfter === undefined ? {} : { 'Retry-After': decodeURIComponent(retryAfter) }).end();
    });
    url = `http://127.0.0.1:${await listening(server)}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  test.each([
    ['429/7', { code: 'RATE_LIMITED', disposition: 'retryable', retryAfterMs: 7_000, details: { status: 429 } }],
    ['503', { code: 'OVERLOADED', disposition: 'retryable', details: { status: 503 } }],
    ['500', { code: 'INTERNAL', disposition: 'retryable', details: { status: 500 } }],
    ['501', { code: 'INTERNAL', disposition: 'terminal', details: { status: 501 } }],
    ['404/5', { code: 'NOT_FOUND', disposition: 'terminal', details: { status: 404 } }],
    ['418', { code: 'VALIDATION_FAILED', disposition: 'terminal', details: { status: 418 } }],
    ['503/soon', { code: 'OVERLOADED', disposition: 'retryable', details: { status: 503 } }],
  ])('%s', async (path, expected) => {
    expect(classifyError(await fetch(`${url}/${path}`))).toEqual(expected);
  });

  test('at the response of an error, with plain headers', () => {
    const error = Object.assign(new Error('x'), { response: { status: 503, headers: { 'Retry-After': 'Thu, 01 Jan 1970 00:01:00 GMT' } } });
    expect(classifyError(error, 58_000)).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 2_000 });
  });
});

describe('classifyError, of what is wrapped', () => {
  test('by its cause', () => {
    expect(classifyError(new Error('outer', { cause: new NetworkError('x', { retryAfterMs: 5 }) }))).toEqual({
      code: 'NETWORK_FAILED',
      disposition: 'retryable',
      retryAfterMs: 5,
    });
  });

  test('by the most hopeful of many', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const denied = Object.assign(new Error('x'), { status: 403 });
    expect(classifyError(new AggregateError([denied, new Error('x'), refused]))).toMatchObject({ code: 'NETWORK_FAILED' });
    expect(classifyError(new AggregateError([denied]))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('toClassifiedError', () => {
  test('keeps ours, and wraps others under the code that is theirs', () => {
    const ours = new NetworkError('x');
    expect(toClassifiedError(ours)).toBe(ours);
    const cause = Object.assign(new Error('slow down'), { status: 429, headers: new Headers({ 'retry-after': '2' }) });
    expect(toClassifiedError(cause)).toMatchObject({ code: 'RATE_LIMITED', message: 'slow down', retryAfterMs: 2_000, cause });
    expect(toClassifiedError(Object.create(null))).toMatchObject({ code: 'INTERNAL', message: '{}' });
  });
});
