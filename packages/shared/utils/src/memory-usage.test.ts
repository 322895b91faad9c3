import { describe, expect, test } from '@jest/globals';
import { memoryUsage } from './memory-usage.ts';

describe('the memory of this process', () => {
  test('is told as Node tells it', () => {
    const usage = { rss: 5, heapTotal: 4, heapUsed: 3, external: 2, arrayBuffers: 1 };
    expect(memoryUsage(() => usage)).toBe(usage);
  });

  test('is told without opening a file when none can be opened', () => {
    memoryUsage();
    const real = process.memoryUsage();
    const told = memoryUsage(() => {
      throw Object.assign(new Error('EMFILE: too many open files, uv_resident_set_memory'), { code: 'EMFILE' });
    });
    for (const key of ['rss', 'heapTotal', 'heapUsed', 'external'] as const) {
      expect(told[key]).toBeGreaterThan(real[key] / 2);
      expect(told[key]).toBeLessThan(real[key] * 2);
    }
  });
});
