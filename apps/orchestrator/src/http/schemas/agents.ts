import { z } from 'zod';
import { anyObject, time } from './common.ts';

export const workerView = z
  .object({
    name: z.string(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    kinds: z.array(z.string()),
    capacity: z.int().describe('Attempts that it runs at once'),
    running: z.int().describe('Attempts that run now'),
    load: z.number().describe('running / capacity'),
    draining: z.boolean(),
    rssBytes: z.int(),
    startedAt: time,
    lastHeartbeatAt: time,
  })
  .meta({ id: 'Worker' });

export const kindView = z
  .object({
    kind: z.string(),
    version: z.string().optional(),
    description: z.string().optional(),
    workers: z.int().describe('Live workers that offer it'),
    input: anyObject.optional().describe('JSON Schema of the input'),
    output: anyObject.optional().describe('JSON Schema of the output'),
  })
  .meta({ id: 'AgentKind' });

export const missingKindView = z
  .object({ agent: z.string(), waiting: z.int().describe('Tasks that wait'), since: time })
  .meta({ id: 'MissingKind', description: 'A kind of agent that tasks wait for and no live worker offers' });

export const agentsView = z
  .object({
    workers: z.array(workerView),
    orchestrators: z.array(z.string()).describe('Names of the live ones; each tells of itself in /health/detailed'),
    kinds: z.array(kindView),
    missing: z.array(missingKindView),
  })
  .meta({ id: 'Agents' });
