import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { changeLogLevel } from './log-level.ts';
import { createLogger } from './logger.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function scene() {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', bindings: { worker: 'w' }, destination: { write: (line) => void lines.push(line) } });
  return { lines, logger };
}

describe('changeLogLevel', () => {
  test('holds for children that were made before, until it ends', () => {
    const { lines, logger } = scene();
    const child = logger.child({ part: 'engine' });
    child.debug('quiet');
    const change = changeLogLevel(logger, { level: 'debug', forSeconds: 60 });
    expect(change).toEqual({ level: 'debug', previous: 'info', until: new Date(Date.now() + 60_000).toISOString() });
    child.debug('loud');
    jest.advanceTimersByTime(59_999);
    child.debug('loud');
    jest.advanceTimersByTime(1);
    child.debug('quiet');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['loud', 'loud']);
  });

  test('a second change goes back to what was before the first', () => {
    const { logger } = scene();
    changeLogLevel(logger, { level: 'debug', forSeconds: 60 });
    jest.advanceTimersByTime(30_000);
    expect(changeLogLevel(logger, { level: 'trace', forSeconds: 60 }).previous).toBe('debug');
    jest.advanceTimersByTime(59_999);
    expect(logger.level).toBe('trace');
    jest.advanceTimersByTime(1);
    expect(logger.level).toBe('info');
  });

  test('a change without an end stays, whatever was to end before', () => {
    const { logger } = scene();
    changeLogLevel(logger, { level: 'debug', forSeconds: 60 });
    expect(changeLogLevel(logger, { level: 'warn' })).toEqual({ level: 'warn', previous: 'debug' });
    jest.advanceTimersByTime(3_600_000);
    expect(logger.level).toBe('warn');
  });
});
