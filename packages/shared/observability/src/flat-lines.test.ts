import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runWithContext } from './context.ts';
import { lineWriter } from './line-writer.ts';
import { createLogger, type Logger, type LoggerOptions } from './logger.ts';

/** Whatever `log` writes, once as lines that are made later and once by pino alone; their times are taken out. */
function bothWays(log: (logger: Logger) => void, options: Partial<LoggerOptions> = {}): readonly [later: string, atOnce: string] {
  const file = join(tmpdir(), `mainstay-flat-lines-${process.pid}.log`);
  const fd = openSync(file, 'w');
  const writer = lineWriter(fd);
  let atOnce = '';
  try {
    log(createLogger({ service: 'test', destination: writer, ...options }));
    (writer as unknown as { flush: () => void }).flush();
    log(createLogger({ service: 'test', destination: { write: (line) => void (atOnce += line) }, ...options }));
    return [timeless(readFileSync(file, 'utf8')), timeless(atOnce)];
  } finally {
    closeSync(fd);
    rmSync(file);
  }
}

const timeless = (lines: string): string => lines.replaceAll(/"(time|@timestamp)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"$1":"T"');

/** pino writes a half of a character as it is, and it is lost. */
const text = fc.string({ unit: 'binary', maxLength: 100 }).map((any) => any.toWellFormed());
const value = fc.oneof(
  text,
  fc.constantFrom('postgres://me:hunter2@host/db', 'Bearer abcdefghijklmnopqrstuvwxyz', 'me@example.com', 'a"b\\c\n', '\u2028', 'é😀'),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(undefined, null, NaN, -0, 4111111111111111, Symbol('s')),
);
const name = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.constantFrom('password', 'msg', 'err', 'durationMs', 'status', 'run', 'postgres://me:hunter2@host/db', '1'),
);
const fields = fc.dictionary(name, value, { noNullPrototype: true });

describe('lines of texts and numbers', () => {
  test.each(['plain', 'ecs'] as const)('are byte for byte what pino makes of them (%s)', (format) => {
    fc.assert(
      fc.property(fields, fc.option(text, { nil: undefined }), fields, (given, message, bindings) => {
        const [later, atOnce] = bothWays(
          (logger) => {
            const child = logger.child(bindings, { level: 'debug' });
            child.info(given, message);
            child.debug(message);
            runWithContext({ correlationId: 'c', run: 'r' }, () => {
              child.info(given, message);
              child.info('password=%s', 'hunter2');
            });
          },
          { format, redact: { paths: ['run.*', 'x'] } },
        );
        expect(later).toBe(atOnce);
        expect(later).not.toContain('hunter2');
      }),
      { numRuns: 200 },
    );
  });

  test('those that are nested, and those of loggers made for something special, are what pino makes of them', () => {
    class Special {
      readonly own = 1;
    }
    const [later, atOnce] = bothWays((logger) => {
      logger.info({ deep: { password: 'x' }, err: new Error('no').message }, 'nested');
      logger.info(new Special(), 'of a class');
      logger.info({ call: () => undefined }, 'a function');
      logger.child({}, { serializers: { n: (n: number) => n + 1 } }).info({ n: 1 }, 'serialized');
      logger.child({}, { msgPrefix: '[part] ' }).child({ more: 1 }).info({ n: 1 }, 'prefixed');
      logger.child({}, { customLevels: { note: 35 } }).note({ n: 1 }, 'a level of its own');
      const bound = logger.child({ a: 1 });
      bound.info('before');
      bound.setBindings({ url: 'postgres://me:hunter2@host/db' });
      bound.info('after');
      bound.info(
        {
          get unreadable(): never {
            throw new Error('no');
          },
        },
        'unreadable',
      );
    });
    expect(later).toBe(atOnce);
    expect(later.match(/\n/g)).toHaveLength(9);
    expect(later).toContain('"msg":"[part] prefixed"');
    expect(later).not.toContain('hunter2');
  });

  test('are what they were when they were logged, in their order, with the time of that moment', async () => {
    const file = join(tmpdir(), `mainstay-flat-lines-${process.pid}-order.log`);
    const fd = openSync(file, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    const state = { n: 1 };
    const before = Date.now();
    logger.info(state, 'one');
    state.n = 2;
    logger.info({ state }, 'two');
    const after = Date.now();
    state.n = 3;
    logger.info(state, 'three');
    await new Promise((resolve) => setTimeout(resolve, 20));
    logger.warn(state, 'four');
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    closeSync(fd);
    rmSync(file);
    expect(lines).toMatchObject([
      { msg: 'one', n: 1 },
      { msg: 'two', state: { n: 2 } },
      { msg: 'three', n: 3 },
      { msg: 'four', n: 3, level: 'warn' },
    ]);
    const time = Date.parse(String(lines[0]?.['time']));
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(after);
  });

  test('are written at once when they are large, so that nothing large is held', () => {
    const file = join(tmpdir(), `mainstay-flat-lines-${process.pid}-large.log`);
    const fd = openSync(file, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    const written = (): number => readFileSync(file, 'utf8').split('\n').length - 1;
    logger.info({ n: 1 }, 'small');
    expect(written()).toBe(0);
    logger.info({ text: 'x'.repeat(100_000) }, 'a field');
    expect(written()).toBe(2);
    logger.info('x'.repeat(100_000));
    expect(written()).toBe(3);
    logger.info(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n])), 'many fields');
    expect(written()).toBe(4);
    closeSync(fd);
    rmSync(file);
  });

  test('a half of a character stays visible', () => {
    const [later] = bothWays((logger) => {
      logger.info({ half: '\ud800' }, 'm');
    });
    expect(later).toContain('"half":"\\ud800"');
  });

  test('of more names than are remembered, and of long ones, are complete', () => {
    const [later, atOnce] = bothWays((logger) => {
      for (let n = 0; n < 1_100; n++) logger.info({ [`name${n}`]: n, ['x'.repeat(100)]: n }, 'm');
    });
    expect(later).toBe(atOnce);
  });
});
