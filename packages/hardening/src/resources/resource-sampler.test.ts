import { describe, expect, test } from '@jest/globals';
import { createResourceSampler } from './resource-sampler.ts';
import { watchHeap } from './heap-watch.ts';

describe('createResourceSampler', () => {
  test('looks at this process', () => {
    using sampler = createResourceSampler({ memoryLimitBytes: 2 ** 40, root: '/nowhere' });
    const { rssBytes, heapUsedBytes, memoryLimitBytes, memoryShare, cpuShare, handles } = sampler.sample();
    expect(rssBytes).toBeGreaterThan(heapUsedBytes);
    expect(memoryLimitBytes).toBe(2 ** 40);
    expect(memoryShare).toBeGreaterThan(0);
    expect(memoryShare).toBeLessThan(1);
    expect(cpuShare).toBeGreaterThanOrEqual(0);
    expect(handles).toBeGreaterThanOrEqual(0);
  });

  test('sees that the process is busy', () => {
    using sampler = createResourceSampler({ memoryLimitBytes: 2 ** 40, root: '/nowhere' });
    sampler.sample();
    const until = performance.now() + 100;
    while (performance.now() < until);
    const busy = sampler.sample();
    expect(busy.cpuShare).toBeGreaterThan(0.05);
    expect(busy.loopUtilization).toBeGreaterThan(0);
  });

  test('refuses options that cannot be', () => {
    expect(() => createResourceSampler({ memoryLimitBytes: 0 })).toThrow(/memoryLimitBytes/);
    expect(() => createResourceSampler({ memoryLimitBytes: 1, rareEvery: 0.5 })).toThrow(/rareEvery/);
  });
});

describe('watchHeap', () => {
  test('finds no leak in a process that has just begun', () => {
    using watch = watchHeap();
    expect(watch.leak()).toBeUndefined();
    expect(watch.points).toEqual([]);
  });
});
