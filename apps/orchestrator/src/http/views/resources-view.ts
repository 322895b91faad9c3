import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { HardeningHealth } from '@mainstay/hardening';
import { memoryUsage } from '@mainstay/utils';
import type { z } from 'zod';
import type { resourcesView } from '../schemas/health.ts';

/** What this process uses: the last look of its hardening, and what else the process says of itself. */
export function viewResources({ sample, decision }: Pick<HardeningHealth, 'sample' | 'decision'>): z.input<typeof resourcesView> {
  const memory = memoryUsage();
  const cpu = process.cpuUsage();
  const { concurrency, leastPriority, reasons } = decision;
  return {
    memory: {
      rssBytes: memory.rss,
      heapUsedBytes: memory.heapUsed,
      heapTotalBytes: memory.heapTotal,
      heapLimitBytes: sample.heapLimitBytes,
      limitBytes: sample.memoryLimitBytes,
      share: round(sample.memoryShare),
      externalBytes: memory.external,
      arrayBuffersBytes: memory.arrayBuffers,
      systemFreeBytes: freemem(),
      systemTotalBytes: totalmem(),
    },
    cpu: {
      userMs: round(cpu.user / 1e3),
      systemMs: round(cpu.system / 1e3),
      load: round(sample.cpuShare),
      cores: availableParallelism(),
      loadAverage: loadavg().map(round),
    },
    eventLoop: { lagP99Ms: round(sample.loopLagMs), utilization: round(sample.loopUtilization) },
    handles: countByName(process.getActiveResourcesInfo()),
    allowed: { concurrency, leastPriority, reasons: [...reasons] },
    uptimeMs: round(process.uptime() * 1e3),
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
