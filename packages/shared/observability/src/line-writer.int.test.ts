import { spawnSync } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { lineWriter } from './line-writer.ts';
import { createLogger } from './logger.ts';

/** Every write to it fails because there is no space left. */
const FULL = '/dev/full';

describe('lineWriter', () => {
  (existsSync(FULL) ? test : test.skip)('a full disk does not end the process, however much is logged', () => {
    const fd = openSync(FULL, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    for (let i = 0; i < 2_000; i++) logger.info({ i, text: 'x'.repeat(1_000) }, 'nobody can read this');
    logger.warn('nor this');
    closeSync(fd);
  });

  test('writes a calm line at the end of the turn, those that follow together, and a warning before the call returns, with those before it', async () => {
    const file = join(tmpdir(), `mainstay-line-writer-${process.pid}.log`);
    const fd = openSync(file, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    const written = (): number => readFileSync(file, 'utf8').split('\n').length - 1;
    logger.info('soon');
    expect(written()).toBe(0);
    await new Promise(setImmediate);
    expect(written()).toBe(1);
    logger.info('soon again');
    expect(written()).toBe(1);
    logger.child({ more: true }).warn('now');
    expect(written()).toBe(3);
    for (let i = 0; i < 100; i++) logger.info({ text: 'x'.repeat(1_000) }, 'many');
    expect(written()).toBeGreaterThan(50);
    const before = performance.now();
    while (written() < 103) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(performance.now() - before).toBeLessThan(5_000);
    closeSync(fd);
    rmSync(file);
  });

  /** What a process wrote that logs 5,000 lines and 100 times the same warning in one turn, and then does this. */
  function dying(end: string) {
    const logger = new URL('./logger.ts', import.meta.url).href;
    const program = `
      const { createLogger } = await import(${JSON.stringify(logger)});
      const logger = createLogger({ service: 'crash', repeats: { first: 10, windowMs: 60_000 } });
      const log = () => { for (let i = 0; i < 5_000; i++) logger.info({ i }, 'line'); };
      ${end}`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: {} });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  test.each([
    ['an exception', 1, `throw new Error('the end');`],
    ['a rejection', 1, `void Promise.reject(new Error('the end'));`],
    ['process.exit', 3, `process.exit(3);`],
    [
      'a signal that is caught',
      4,
      `process.once('SIGTERM', () => process.exit(4)); process.kill(process.pid, 'SIGTERM'); setTimeout(() => undefined, 5_000);`,
    ],
  ])('a process that ends by %s has written every line, and told what it left out', (_how, code, end) => {
    const { status, lines } = dying(`
      for (let i = 0; i < 100; i++) logger.warn('again');
      setImmediate(() => { log(); logger.info('last'); ${end} });`);
    expect(status).toBe(code);
    expect(lines).toHaveLength(10 + 5_000 + 1 + 1);
    const [last, leftOut] = lines.slice(-2).map((line) => JSON.parse(line) as unknown);
    expect([last, leftOut]).toMatchObject([{ msg: 'last' }, { leftOut: 90 }]);
  });

  test('what is logged by a listener of the exit is written, whoever listens first', () => {
    const { lines } = dying(`
      logger.info('first');
      process.on('exit', () => logger.info('at the exit'));
      setImmediate(() => { logger.info('gathered'); process.on('exit', () => logger.info('later at the exit')); });`);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'first',
      'gathered',
      'at the exit',
      'later at the exit',
    ]);
  });

  test('one that is killed loses nothing but calm lines of its last turn', () => {
    const { status, lines } = dying(`
      logger.info('earlier');
      setImmediate(() => { logger.info('before'); logger.warn('warning'); logger.info('lost'); process.kill(process.pid, 'SIGKILL'); for (;;); });`);
    expect(status).toBeNull();
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['earlier', 'before', 'warning']);
  });
});
