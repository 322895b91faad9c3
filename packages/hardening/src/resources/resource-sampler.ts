import { availableParallelism } from 'node:os';
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { checkNumber, residentBytes } from '@mainstay/utils';
import { readCgroup } from './cgroup.ts';
import type { ResourceSample } from './resource-sample.ts';

export interface SamplerOptions {
  /** What the process may hold, unless its control group allows less. */
  readonly memoryLimitBytes: number;
  /** Folder under which `proc` and `sys` are found. Default `/`. */
  readonly root?: string;
  /** How often the event loop's delay is looked at, in milliseconds: each look wakes the process. Default 100. */
  readonly lagResolutionMs?: number;
  /** Open handles and the control group are looked at in every so many samples: both cost system calls. Default 10. */
  readonly rareEvery?: number;
}

/** Looks at this process. Disposing it ends its histogram; nothing keeps the process alive. */
export interface ResourceSampler extends Disposable {
  sample(): ResourceSample;
}

/** One sample costs some microseconds, a rare one some hundred. */
export function createResourceSampler(options: SamplerOptions): ResourceSampler {
  const { root, lagResolutionMs = 100, rareEvery = 10 } = options;
  const allowed = checkNumber('resources', 'memoryLimitBytes', options.memoryLimitBytes, { min: 1 });
  checkNumber('resources', 'lagResolutionMs', lagResolutionMs, { min: 1, integer: true });
  checkNumber('resources', 'rareEvery', rareEvery, { min: 1, integer: true });
  const delay = monitorEventLoopDelay({ resolution: lagResolutionMs });
  delay.enable();
  const { heap_size_limit: heapLimitBytes } = getHeapStatistics();
  let cgroup = readCgroup(root);
  let handles = process.getActiveResourcesInfo().length;
  let taken = 0;
  let cpu = process.cpuUsage();
  let at = performance.now();
  let loop: EventLoopUtilization = performance.eventLoopUtilization();

  const rarely = () => {
    taken += 1;
    if (taken % rareEvery !== 0) return;
    cgroup = readCgroup(root);
    handles = process.getActiveResourcesInfo().length;
  };

  const lag = () => {
    const lagMs = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - lagResolutionMs);
    delay.reset();
    return lagMs;
  };

  return {
    sample() {
      rarely();
      const atMs = performance.now();
      const cpuNow = process.cpuUsage();
      const loopNow = performance.eventLoopUtilization();
      const rss = residentBytes();
      const { used_heap_size: heapUsed } = getHeapStatistics();
      const cores = Math.min(availableParallelism(), cgroup.cpuCores ?? Number.POSITIVE_INFINITY);
      const busyMs = (cpuNow.user + cpuNow.system - cpu.user - cpu.system) / 1e3;
      const cpuShare = busyMs / Math.max(1, atMs - at) / cores;
      const loopUtilization = performance.eventLoopUtilization(loopNow, loop).utilization;
      cpu = cpuNow;
      at = atMs;
      loop = loopNow;
      const groupLimit = cgroup.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
      const memoryLimitBytes = Math.min(allowed, groupLimit);
      return {
        atMs,
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        heapLimitBytes,
        memoryLimitBytes,
        memoryShare: Math.max(rss / memoryLimitBytes, heapUsed / heapLimitBytes, (cgroup.memoryUsedBytes ?? 0) / groupLimit),
        cpuShare,
        loopUtilization,
        loopLagMs: lag(),
        handles,
      };
    },
    [Symbol.dispose]() {
      delay.disable();
    },
  };
}
