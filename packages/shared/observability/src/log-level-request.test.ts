import { describe, expect, test } from '@jest/globals';
import { answerLevelRequest, levelChange } from './log-level-request.ts';
import { createLogger } from './logger.ts';

async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('answerLevelRequest', () => {
  test('changes the level of the process', async () => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    expect(await answerLevelRequest(logger, bytes('{"lev', 'el":"warn"}'))).toEqual({ level: 'warn', previous: 'silent' });
    expect(logger.level).toBe('warn');
  });

  test('reads no more than a request may have', async () => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    await expect(answerLevelRequest(logger, bytes('x'.repeat(1_000), 'x'.repeat(1_000)))).rejects.toThrow('more than 1024 bytes');
    expect(logger.level).toBe('silent');
  });
});

describe('levelChange', () => {
  test.each([
    ['{"level":"debug"}', { level: 'debug' }],
    ['{"level":"trace","forSeconds":600}', { level: 'trace', forSeconds: 600 }],
  ])('understands %s', (text, change) => {
    expect(levelChange(text)).toEqual(change);
  });

  test.each([
    ['', 'is not JSON'],
    ['[]', 'must be an object'],
    ['null', 'must be an object'],
    ['{}', '"level" must be one of'],
    ['{"level":"loud"}', '"level" must be one of'],
    ['{"level":"info","forSeconds":0}', '"forSeconds" must be'],
    ['{"level":"info","forSeconds":"60"}', '"forSeconds" must be'],
    ['{"level":"info","forSeconds":604801}', '"forSeconds" must be'],
    ['{"level":"info","for":60}', '"for" is not known'],
  ])('refuses %s', (text, message) => {
    expect(() => levelChange(text)).toThrow(message);
  });
});
