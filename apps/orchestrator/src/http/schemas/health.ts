import { z } from 'zod';
import { anyObject, time } from './common.ts';

export const aliveView = z.object({ status: z.literal('ok') }).meta({ id: 'Alive', examples: [{ status: 'ok' }] });

export const checkView = z
  .object({
    status: z.enum(['ok', 'failed', 'hanging']),
    latencyMs: z.number(),
    since: z.string().optional().describe('When it ceased to be ok'),
    error: z.string().optional().describe('Code of the error'),
    details: anyObject.optional(),
  })
  .meta({ id: 'Check' });

export const readyView = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    state: z.enum(['starting', 'ready', 'draining', 'stopped', 'failed']),
    checks: z.record(z.string(), checkView),
  })
  .meta({ id: 'Ready' });

const part = z.number().min(0).max(1);

export const detailedView = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    state: z.enum(['starting', 'ready', 'draining', 'stopped', 'failed']),
    name: z.string().describe('Name of this orchestrator'),
    version: z.string(),
    node: z.string(),
    startedAt: time,
    uptimeMs: z.number(),
    score: part.describe('Product of the parts: 1 is healthy, below 0.3 is critical'),
    parts: z.object({ dependencies: part, agents: part, memory: part, eventLoop: part }),
    dependencies: z.record(z.string(), checkView),
    queues: z
      .record(z.string(), z.object({ waiting: z.int(), pending: z.int() }))
      .nullable()
      .describe('By kind of agent; null when they cannot be read'),
    agents: z.object({ workers: z.int(), capacity: z.int(), running: z.int(), missing: z.array(z.string()) }),
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
      externalBytes: z.int(),
      arrayBuffersBytes: z.int(),
      systemFreeBytes: z.int(),
      systemTotalBytes: z.int(),
    }),
    cpu: z.object({
      userMs: z.number().describe('Since the start'),
      systemMs: z.number(),
      load: z.number().describe('Share of one core since the previous call'),
      cores: z.int(),
      loadAverage: z.array(z.number()).length(3),
    }),
    eventLoop: z.object({
      lagP50Ms: z.number().describe('Since the previous call'),
      lagP99Ms: z.number(),
      lagMaxMs: z.number(),
      utilization: z.number().describe('Share of the time since the previous call that it was busy'),
    }),
    handles: z.record(z.string(), z.int()).describe('What keeps the process alive, by type'),
    uptimeMs: z.number(),
  })
  .meta({ id: 'Resources' });
