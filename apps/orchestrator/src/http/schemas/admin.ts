import { LOG_LEVELS, MAX_LEVEL_SECONDS } from '@mainstay/observability';
import { z } from 'zod';

export const logLevelBody = z
  .strictObject({ level: z.enum(LOG_LEVELS), forSeconds: z.number().int().min(1).max(MAX_LEVEL_SECONDS).optional() })
  .meta({ id: 'LogLevelRequest', examples: [{ level: 'debug', forSeconds: 600 }] });

export const logLevelView = z
  .object({ level: z.string(), previous: z.string(), until: z.iso.datetime().optional() })
  .meta({ id: 'LogLevel' });
