import { z } from 'zod';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export const logLevelBody = z.strictObject({ level: z.enum(LOG_LEVELS) }).meta({ id: 'LogLevelRequest', examples: [{ level: 'debug' }] });

export const logLevelView = z.object({ level: z.string(), previous: z.string() }).meta({ id: 'LogLevel' });
