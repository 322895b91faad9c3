import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { z } from 'zod';
import type { resourcesView } from '../schemas/health.ts';

/** The delay histograms count their own sampling interval; it is taken off. Each sample wakes the process, an idle one as well. */
const RESOLUTION_MS = 50;
/** The start of the process, or a burst long ago, says nothing about now. */
const WINDOW_MS = 10_000;

export type Resources = z.input<typeof resourcesView>;

/** Looks at this process. Shares and delays are those since the previous look. */
export interface ResourceMonitor extends Disposable {
  look(): Resources;
  /** Share of the heap limit in use, and the event loop's p99 delay in the last whole window of 10 s (0 before the first). */
  pressure(): { readonly memory: number; readonly lagP99Ms: number };
}

export function createResourceMonitor(): ResourceMonitor {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const recent = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  recent.enable();
  let recentP99Ms = 0;
  const timer = setInterval(() => {
    recentP99Ms = lag(recent.count === 0 ? 0 : recent.percentile(99));
    recent.reset();
  }, WINDOW_MS).unref();
  let cpu = process.cpuUsage();
  let loop: EventLoopUtilization = performance.eventLoopUtilization();
  let at = performance.now();
  const lag = (nanoseconds: number) => round(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS));

  return {
    look() {
      const memory = process.memoryUsage();
      const cpuNow = process.cpuUsage();
      const now = performance.now();
      const elapsedMs = Math.max(1, now - at);
      const loopNow = performance.eventLoopUtilization();
      const view: Resources = {
        memory: {
          rssBytes: memory.rss,
          heapUsedBytes: memory.heapUsed,
          heapTotalBytes: memory.heapTotal,
          heapLimitBytes: getHeapStatistics().heap_size_limit,
          externalBytes: memory.external,
          arrayBuffersBytes: memory.arrayBuffers,
          systemFreeBytes: freemem(),
          systemTotalBytes: totalmem(),
        },
        cpu: {
          userMs: round(cpuNow.user / 1e3),
          systemMs: round(cpuNow.system / 1e3),
          load: round((cpuNow.user + cpuNow.system - cpu.user - cpu.system) / 1e3 / elapsedMs),
          cores: availableParallelism(),
          loadAverage: loadavg().map(round),
        },
        eventLoop: {
          lagP50Ms: lag(delay.count === 0 ? 0 : delay.percentile(50)),
          lagP99Ms: lag(delay.count === 0 ? 0 : delay.percentile(99)),
          lagMaxMs: lag(delay.count === 0 ? 0 : delay.max),
          utilization: round(performance.eventLoopUtilization(loopNow, loop).utilization),
        },
        handles: countByName(process.getActiveResourcesInfo()),
        uptimeMs: round(process.uptime() * 1e3),
      };
      cpu = cpuNow;
      loop = loopNow;
      at = now;
      delay.reset();
      return view;
    },
    pressure() {
      const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
      return { memory: used / limit, lagP99Ms: recentP99Ms };
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      delay.disable();
      recent.disable();
    },
  };
}

function countByName(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
