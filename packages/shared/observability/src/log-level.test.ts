import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { answerLevelAsk, changeLogLevel, followLevels } from './log-level.ts';
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

describe('followLevels', () => {
  const scene = () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'test', level: 'warn', destination: { write: (line) => void lines.push(line) } });
    return { lines, logger, follow: followLevels(logger, 'warn') };
  };

  test('changes the level for a while, and goes back to the configured one when it is told to; says who wanted it', () => {
    const { lines, logger, follow } = scene();
    expect(follow({ level: 'error', forMs: 60_500 }, 'ada')).toMatchObject({ level: 'error', previous: 'warn', until: expect.any(String) });
    expect(follow({ level: 'trace' }, 'ada')).toEqual({ level: 'trace', previous: 'error' });
    expect(follow({ level: 'default' }, 'bob')).toEqual({ level: 'warn', previous: 'trace' });
    expect(logger.level).toBe('warn');
    expect(lines.map((line) => (JSON.parse(line) as { by: string }).by)).toEqual(['ada', 'bob']);
  });

  test('answers other processes, and refuses what is no level', async () => {
    const { logger, follow } = scene();
    expect(JSON.parse(await answerLevelAsk(follow, { level: 'debug', forMs: 1_000, by: 'ada' }))).toMatchObject({ level: 'debug' });
    expect(logger.level).toBe('debug');
    for (const wrong of [{ level: 'loud', by: 'x' }, { level: 'info' }, { level: 'info', by: 'x', forMs: '1' }]) {
      await expect(answerLevelAsk(follow, wrong)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });
});
