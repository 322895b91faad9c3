import { NetworkError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
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
});
