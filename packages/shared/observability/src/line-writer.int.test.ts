import { existsSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLogger, lineWriter } from './logger.ts';

/** Every write to it fails because there is no space left. */
const FULL = '/dev/full';

describe('lineWriter', () => {
  (existsSync(FULL) ? test : test.skip)('a full disk does not end the process, however much is logged', () => {
    const fd = openSync(FULL, 'w');
    const logger = createLogger({ service: 'test', destination: lineWriter(fd) });
    for (let i = 0; i < 2_000; i++) logger.info({ i, text: 'x'.repeat(1_000) }, 'nobody can read this');
    closeSync(fd);
  });

  test('writes each line before the call returns', () => {
    const file = join(tmpdir(), `mainstay-line-writer-${process.pid}.log`);
    const fd = openSync(file, 'w');
    createLogger({ service: 'test', destination: lineWriter(fd) }).info('now');
    expect(readFileSync(file, 'utf8')).toContain('"msg":"now"');
    closeSync(fd);
    rmSync(file);
  });
});
