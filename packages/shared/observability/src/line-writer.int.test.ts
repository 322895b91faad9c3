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

  test('writes calm lines at the end of the turn, and a warning before the call returns, with those before it', async () => {
    const file = join(tmpdir(), `mainstay-line-writer-${process.pid}.log`);
    const fd = openSync(file, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    const written = (): number => readFileSync(file, 'utf8').split('\n').length - 1;
    logger.info('soon');
    expect(written()).toBe(0);
    logger.child({ more: true }).warn('now');
    expect(written()).toBe(2);
    logger.info('soon again');
    await new Promise(setImmediate);
    expect(written()).toBe(3);
    for (let i = 0; i < 100; i++) logger.info({ text: 'x'.repeat(1_000) }, 'many');
    expect(written()).toBeGreaterThan(50);
    await new Promise(setImmediate);
    expect(written()).toBe(103);
    closeSync(fd);
    rmSync(file);
  });

  test('a process that dies of an exception has written every line, and told what it left out', () => {
    const logger = new URL('./logger.ts', import.meta.url).href;
    const program = `
      const { createLogger } = await import(${JSON.stringify(logger)});
      const logger = createLogger({ service: 'crash', repeats: { first: 10, windowMs: 60_000 } });
      for (let i = 0; i < 5_000; i++) logger.info({ i }, 'line');
      for (let i = 0; i < 100; i++) logger.warn('again');
      setImmediate(() => { throw new Error('the end'); });`;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: {},
      },
    );
    const lines = stdout.trimEnd().split('\n');
    expect(status).toBe(1);
    expect(lines).toHaveLength(5_000 + 10 + 1);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ leftOut: 90 });
  });
});
