import { LOG_LEVELS, MAX_LEVEL_SECONDS } from '@mainstay/observability';
import { PROFILE_KINDS } from '@mainstay/profiling';
import { z } from 'zod';
import { time } from './common.ts';

const processName = z.string().min(1).max(200).describe('As in GET /api/v1/agents');

export const logLevelBody = z
  .strictObject({
    level: z.enum([...LOG_LEVELS, 'default']).describe('default: that of the configuration of each process'),
    forSeconds: z
      .number()
      .int()
      .min(1)
      .max(MAX_LEVEL_SECONDS)
      .optional()
      .describe('Absent: until the next change, or the end of the process'),
    process: processName.optional().describe('Absent: all orchestrators and workers, also those that come while it holds'),
  })
  .meta({ id: 'LogLevelRequest', examples: [{ level: 'debug', forSeconds: 600 }] });

export const logLevelView = z
  .object({
    level: z.string(),
    previous: z.string(),
    until: z.iso.datetime().optional(),
    process: z.string().describe('The one that these values are of'),
    scope: z.enum(['all', 'process']),
  })
  .meta({ id: 'LogLevel' });

const memory = z.object({ heapUsedBytes: z.int(), rssBytes: z.int() });

export const gcView = z
  .object({
    collected: z.boolean().describe('False: the collector is not exposed in this process'),
    tookMs: z.number(),
    before: memory,
    after: memory,
  })
  .meta({ id: 'GarbageCollection' });

export const profileBody = z
  .strictObject({
    process: processName.optional().describe('Absent: the orchestrator that answers'),
    kind: z.enum([...PROFILE_KINDS, 'flame-graph']).default('cpu'),
    seconds: z.number().int().min(1).max(60).default(10).describe('A heap snapshot takes what it takes'),
    intervalMicros: z.number().int().min(100).max(100_000).default(1_000).describe('Between two samples of a CPU profile'),
  })
  .meta({ id: 'ProfileRequest', examples: [{ process: 'worker-host-1-0a1b2c3d', kind: 'flame-graph', seconds: 10 }] });

const numbers = z.number();

export const eventLoopView = z
  .object({
    recordedMs: z.int(),
    utilization: numbers.describe('Share of the time in which it was busy'),
    lagMs: z.object({ mean: numbers, p50: numbers, p90: numbers, p99: numbers, max: numbers }).describe('How much too late timers came'),
    resources: z.record(z.string(), z.int()).describe('What keeps the process alive, by type'),
  })
  .meta({ id: 'EventLoopReport' });

export const heapSnapshotView = z
  .object({
    process: z.string(),
    file: z.string().describe('On the machine of the process; it holds all that the process has in memory, secrets included'),
    bytes: z.int(),
    tookMs: z.int(),
    at: time,
  })
  .meta({ id: 'HeapSnapshot' });

export const cpuProfileView = z
  .looseObject({ nodes: z.array(z.unknown()), samples: z.array(z.number()), timeDeltas: z.array(z.number()) })
  .meta({
    id: 'CpuProfile',
    description: 'A .cpuprofile of V8, for developer tools',
  });

export const profileView = z.union([cpuProfileView, heapSnapshotView, eventLoopView]);
