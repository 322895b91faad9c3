import { NetworkError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runWithContext } from './context.ts';
import { createLogger, type LoggerOptions } from './logger.ts';
import { REDACTED } from './redact.ts';

function setUp(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) }, ...options });
  const last = () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown>;
  return { logger, lines, last };
}

describe('createLogger', () => {
  test('writes one JSON line with level, ISO time, service and message', () => {
    const { logger, lines, last } = setUp();
    logger.info({ a: 1 }, 'hello %s', 'world');
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toEqual({
      ...{ level: 'info', service: 'test', pid: process.pid, a: 1, msg: 'hello world' },
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('keeps to its level, which can be changed at run time', () => {
    const { logger, lines } = setUp({ level: 'warn' });
    logger.info('quiet');
    expect(lines).toHaveLength(0);
    logger.level = 'debug';
    logger.debug('loud');
    expect(lines).toHaveLength(1);
  });

  test('puts the context on every line, also on those of children', () => {
    const { logger, last } = setUp({ bindings: { worker: 'w1' } });
    const child = logger.child({ part: 'engine' });
    runWithContext({ correlationId: 'c', run: 'r', task: 't', tenant: 'acme', traceId: 'x' }, () => {
      child.info('working');
    });
    expect(last()).toMatchObject({ correlationId: 'c', run: 'r', task: 't', tenant: 'acme', traceId: 'x', worker: 'w1', part: 'engine' });
    child.info('done');
    expect(last()).not.toHaveProperty('correlationId');
  });

  test('shows errors with code and causes, as an argument and as a field', () => {
    const { logger, last } = setUp();
    const error = new NetworkError('no answer', { cause: new Error('reset'), details: { host: 'h' } });
    logger.error(error);
    const shown = { type: 'NetworkError', code: 'NETWORK_FAILED', details: { host: 'h' }, cause: { message: 'reset' } };
    expect(last()).toMatchObject({ msg: 'no answer', err: shown });
    logger.error({ err: error }, 'call failed');
    expect(last()).toMatchObject({ msg: 'call failed', err: shown });
  });

  test('tells of errors that are logged as a warning or worse, also by children', () => {
    const told: Error[] = [];
    const { logger, lines } = setUp({ level: 'info', onError: (error) => told.push(error) });
    const error = new NetworkError('no answer');
    logger.error({ err: error }, 'a');
    logger.child({ part: 'engine' }).warn(error);
    expect(told).toEqual([error, error]);
    logger.info({ err: error }, 'b');
    logger.error({ err: 'text' }, 'c');
    logger.error('d');
    expect([told.length, lines.length]).toEqual([2, 5]);
  });

  test('lets no secret out: not by name, not in messages, not from children or grandchildren', () => {
    const { logger, lines, last } = setUp({ bindings: { apiKey: 'hunter2' } });
    logger.info({ headers: { Authorization: 'hunter2' } }, 'x');
    logger.info('connecting to %s', 'postgres://me:hunter2@host/db');
    logger
      .child({ token: 'hunter2' })
      .child({ deep: { password: 'hunter2' } }, { level: 'debug' })
      .debug('x');
    logger.error(new Error('redis://:hunter2@host refused'));
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain('hunter2');
    expect(last()).toMatchObject({ apiKey: REDACTED, msg: `redis://:${REDACTED}@host refused` });
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  test('hides what is put together by a message, or comes with an error', () => {
    const { logger, lines } = setUp();
    logger.info('Bearer %s', 'hunter2hunter2hunter2');
    logger.info('write to %s', 'ann@example.org');
    logger.error(new Error('no mail for\nann@example.org'));
    logger.error({ err: new Error('card 4111 1111 1111 1111') });
    logger.info({ note: 'first\nann@example.org' }, 'x');
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toMatch(/hunter2|ann@example|4111 1111/);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  test('whatever is logged, each line is JSON and holds no planted secret', () => {
    const { logger, lines } = setUp({ repeats: false });
    const planted = fc.constantFrom('postgres://u:hunter2@h/d', 'password=hunter2', 'Bearer hunter2hunter2hunter2');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), planted, fc.string({ unit: 'binary' }), (before, secret, after) => {
        const text = `${before} ${secret} ${after}`;
        logger.info({ text, list: [text], error: new Error(text) }, text);
        logger.child({ bound: text }).error(new Error(text));
        logger.warn('%s %j', text, { text });
        for (const line of lines.splice(0)) {
          expect(line).not.toContain('hunter2');
          JSON.parse(line);
        }
      }),
    );
  });

  test('hides what it is told to hide', () => {
    const { logger, last } = setUp({ redact: { paths: ['customer.name'], patterns: [/EMP-\d+/] } });
    logger.info({ customer: { name: 'Ann', id: 1 } }, 'hired EMP-17');
    expect(last()).toMatchObject({ customer: { name: REDACTED, id: 1 }, msg: `hired ${REDACTED}` });
  });

  test('has the names of the Elastic Common Schema on request', () => {
    const { logger, last } = setUp({ format: 'ecs', bindings: { worker: 'w1' } });
    runWithContext({ correlationId: 'c', run: 'r', task: 't', tenant: 'acme', traceId: 'x' }, () => {
      logger.info({ method: 'GET', route: '/health', status: 200, durationMs: 1.5, extra: { a: 1 }, token: 'hunter2' }, 'request');
    });
    expect(last()).toEqual({
      ...{ '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), 'log.level': 'info', message: 'request' },
      ...{ 'ecs.version': '8.11.0', 'service.name': 'test', 'process.pid': process.pid, 'service.node.name': 'w1' },
      ...{ 'labels.correlation_id': 'c', 'labels.run': 'r', 'labels.task': 't', 'labels.tenant': 'acme', 'trace.id': 'x' },
      ...{ 'http.request.method': 'GET', 'http.route': '/health', 'http.response.status_code': 200, 'event.duration': 1_500_000 },
      ...{ 'mainstay.extra': { a: 1 }, 'mainstay.token': REDACTED },
    });
    logger.error(new NetworkError('no answer', { cause: new Error('reset') }));
    expect(last()).toMatchObject({
      ...{ 'log.level': 'error', message: 'no answer', 'error.type': 'NetworkError', 'error.code': 'NETWORK_FAILED' },
      ...{ 'error.message': 'no answer', 'error.stack_trace': expect.stringContaining('NetworkError') },
      'mainstay.error': { cause: { message: 'reset' } },
    });
  });

  test('writes the first of many equal warnings, and how many were left out', async () => {
    const { logger, lines, last } = setUp({ repeats: { first: 2, windowMs: 20 } });
    runWithContext({ correlationId: 'of one of them' }, () => {
      for (let i = 0; i < 10; i++) logger.warn({ i }, 'the disk is full');
    });
    for (let i = 0; i < 10; i++) logger.info('a request');
    logger.error('another');
    expect(lines).toHaveLength(13);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(lines).toHaveLength(14);
    expect(last()).toMatchObject({ level: 'warn', leftOut: 8, msg: '8 more were left out: the disk is full' });
    expect(last()).not.toHaveProperty('correlationId');
  });

  test('tells of errors even when their lines are left out', () => {
    let told = 0;
    const { logger } = setUp({ repeats: { first: 1 }, onError: () => (told += 1) });
    for (let i = 0; i < 5; i++) logger.error(new Error('again'));
    expect(told).toBe(5);
  });
});
