import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findRedis, isNewEnough } from './redis-program.ts';

describe('the Redis program', () => {
  test.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64', true],
    ['Redis server v=6.2.0 sha=0', true],
    ['Valkey server v=8.1.1 sha=0', true],
    ['Redis server v=6.0.16 sha=0', false],
    ['Redis server v=5.0.3 sha=0', false],
    ['no version here', false],
  ])('%s: usable is %s', (version, usable) => {
    expect(isNewEnough(version)).toBe(usable);
  });

  test('a machine without Redis and without a package manager gets one error that says what to install and which variable to set', async () => {
    const path = process.env['PATH'];
    const toolsDir = await mkdtemp(join(tmpdir(), 'mainstay-no-redis-'));
    process.env['PATH'] = '/nonexistent';
    try {
      const work = findRedis({ toolsDir, onProgress: () => undefined });
      await expect(work).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringMatching(/redis-server.*REDIS_URL/) });
    } finally {
      process.env['PATH'] = path;
      await rm(toolsDir, { recursive: true, force: true });
    }
  });
});
