import type { ResourceSample } from '../resources/resource-sample.ts';

const MB = 1_048_576;

/** A process that has nothing to do, with changes made to it. */
export function calmSample(changes: Partial<ResourceSample> = {}): ResourceSample {
  return {
    atMs: 0,
    rssBytes: 100 * MB,
    heapUsedBytes: 40 * MB,
    heapLimitBytes: 2_048 * MB,
    memoryLimitBytes: 1_024 * MB,
    memoryShare: 0.1,
    cpuShare: 0.1,
    loopUtilization: 0.1,
    loopLagMs: 1,
    handles: 4,
    ...changes,
  };
}
