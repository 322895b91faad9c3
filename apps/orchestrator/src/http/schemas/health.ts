import { z } from 'zod';
import { anyObject, time } from './common.ts';

export const aliveView = z.object({ status: z.literal('ok') }).meta({ id: 'Alive', examples: [{ status: 'ok' }] });

export const checkView = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']).describe('down where the orchestrator cannot do without it'),
    latencyMs: z.number(),
    since: z.string().optional().describe('When it ceased to be ok'),
    lastOkAt: z.string().optional().describe('When it was ok for the last time'),
    code: z.string().optional().describe('Of the error; OPERATION_TIMEOUT: it hangs'),
    reason: z.enum(['starting']).optional().describe('What it looks at has not started yet, and nothing is wrong'),
    details: anyObject.optional(),
  })
  .meta({ id: 'Check' });

export const readyView = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    state: z.enum(['starting', 'ready', 'draining', 'stopped', 'failed']),
    checks: z.record(z.string(), checkView),
  })
  .meta({ id: 'Ready' });

const part = z.number().min(0).max(1);

export const detailedView = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    state: z.enum(['starting', 'ready', 'draining', 'stopped', 'failed']),
    name: z.string().describe('Name of this orchestrator'),
    version: z.string(),
    node: z.string(),
    startedAt: time,
    uptimeMs: z.number(),
    score: part.describe('1 is healthy, below 0.3 is an emergency'),
    parts: z.record(z.string(), part).describe('What the score is made of, what costs most first'),
    emergency: z.boolean(),
    dependencies: z.record(z.string(), checkView),
    queues: z
      .record(z.string(), z.object({ waiting: z.int(), pending: z.int() }))
      .nullable()
      .describe('By kind of agent; null when they cannot be read'),
    agents: z.object({
      workers: z.int(),
      capacity: z.int(),
      running: z.int(),
      missing: z.array(z.string()),
      kinds: z
        .record(z.string(), z.object({ workers: z.int().describe('Live ones that offer it and do not shut down'), missing: z.boolean() }))
        .describe('By kind of agent; missing: tasks of it wait, and nobody offers it'),
    }),
    stalled: z
      .object({
        overdue: z.int().describe('Runs for which nobody did what was due'),
        silent: z.int().describe('Running ones that no worker has and on which nothing happens'),
        undecided: z.int().describe('Those with a decision that has been open for too long'),
        oldest: z
          .array(z.object({ run: z.string(), pipeline: z.string(), reason: z.enum(['overdue', 'silent', 'undecided']), since: time }))
          .describe('Of your tenant'),
      })
      .describe('Runs on which nothing advances, as of the last look'),
    breakers: z.array(z.object({ name: z.string(), state: z.string() })),
    eventStreams: z.int().describe('Open ones'),
  })
  .meta({ id: 'DetailedHealth' });

export const resourcesView = z
  .object({
    memory: z.object({
      rssBytes: z.int(),
      heapUsedBytes: z.int(),
      heapTotalBytes: z.int(),
      heapLimitBytes: z.int(),
      limitBytes: z.int().describe('What the process may hold'),
      share: z.number().describe('Of the limit, of the heap limit or of the control group, whichever is used most'),
      externalBytes: z.int(),
      arrayBuffersBytes: z.int(),
      systemFreeBytes: z.int(),
      systemTotalBytes: z.int(),
    }),
    cpu: z.object({
      userMs: z.number().describe('Since the start'),
      systemMs: z.number(),
      load: z.number().describe('Share of the cores that the process may have, at the last look'),
      cores: z.int(),
      loadAverage: z.array(z.number()).length(3),
    }),
    eventLoop: z.object({
      lagP99Ms: z.number().describe('At the last look, once a second'),
      utilization: z.number().describe('Share of the time that it was busy, at the last look'),
    }),
    handles: z.record(z.string(), z.int()).describe('What keeps the process alive, by type'),
    allowed: z
      .object({
        concurrency: z.int().describe('Operations at the same time'),
        leastPriority: z.enum(['high', 'normal', 'low']).describe('Runs of lower priorities are refused'),
        reasons: z.array(z.enum(['memory', 'cpu', 'event-loop'])).describe('What is above its limit'),
      })
      .describe('What is taken on with that'),
    uptimeMs: z.number(),
  })
  .meta({ id: 'Resources' });
