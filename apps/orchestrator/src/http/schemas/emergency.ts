import { EMERGENCY_ACTIONS } from '@mainstay/hardening';
import { z } from 'zod';
import { line, time } from './common.ts';

export const emergencyBody = z
  .strictObject({
    active: z.boolean().optional().describe('true begins an emergency, false ends it; default true'),
    reason: line(1_000).describe('Kept in the log, and told to all processes'),
  })
  .meta({ id: 'EmergencyRequest', examples: [{ active: true, reason: 'the database is being moved' }] });

const trigger = z.enum(['memory', 'health', 'threat', 'unhandled', 'manual', 'remote']);

const action = z.object({
  action: z.enum(EMERGENCY_ACTIONS),
  result: z.enum(['done', 'failed', 'absent']).describe('absent: there is nothing to be done in this process'),
  tookMs: z.number(),
  error: z.string().optional(),
});

export const emergencyView = z
  .object({
    active: z.boolean(),
    process: z.string().describe('The orchestrator that answers'),
    triggers: z.array(trigger).describe('Why it is in an emergency'),
    score: z.number().describe('Health, 0 to 1; below 0.3 is an emergency'),
    memoryShare: z.number().describe('Share of the memory limit in use; above 0.95 is an emergency'),
    leastPriority: z.enum(['high', 'normal', 'low']).describe('Runs of lower priorities are refused'),
    recent: z
      .array(
        z.object({
          change: z.enum(['entered', 'left', 'acted']),
          at: time,
          triggers: z.array(trigger),
          reason: z.string().optional(),
          by: z.string().optional(),
          actions: z.array(action).optional(),
        }),
      )
      .describe('What happened last, the newest first; 20 at most'),
  })
  .meta({ id: 'Emergency' });
