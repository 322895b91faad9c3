import { LOG_LEVELS, MAX_LEVEL_SECONDS } from '@mainstay/observability';
import { z } from 'zod';

export const logLevelBody = z
  .strictObject({ level: z.enum(LOG_LEVELS), forSeconds: z.number().int().min(1).max(MAX_LEVEL_SECONDS).optional() })
  .meta({ id: 'LogLevelRequest', examples: [{ level: 'debug', forSeconds: 600 }] });

export const logLevelView = z
  .object({ level: z.string(), previous: z.string(), until: z.iso.datetime().optional() })
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
