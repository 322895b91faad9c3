import { z } from 'zod';
import { integerText, time } from './common.ts';

/** 100 years: more than the longest policy. */
const MAX_AGE_MS = 36_525 * 86_400_000;

/** Runs that one request removes at most. */
export const MAX_REMOVAL = 100_000;

export const retentionQuery = z.strictObject({
  olderThanMs: integerText(0, MAX_AGE_MS)
    .optional()
    .describe('Count what is older than this, in milliseconds, instead of what is past its keep'),
});

export const retentionView = z
  .object({
    keepDays: z.number().nullable().describe('Days that finished runs are kept (MAINSTAY_RETENTION_DAYS); null: for ever'),
    everyMinutes: z.number().describe('Minutes between two looks of an orchestrator'),
    finishedRuns: z.int().describe('About; of all tenants'),
    oldestEndedAt: time.optional().describe('Absent: there is no finished run'),
    endedBefore: time.optional().describe('What ended before this is old enough to be removed; absent: nothing ever is'),
    removable: z.int().optional().describe('Runs that are old enough; counted up to 100,000'),
  })
  .meta({ id: 'Retention' });

export const removalBody = z
  .strictObject({
    olderThanMs: z
      .int()
      .min(0)
      .max(MAX_AGE_MS)
      .optional()
      .describe('Remove runs that ended longer ago than this, in milliseconds; default: what the installation keeps'),
    limit: z.int().min(1).max(MAX_REMOVAL).optional().describe('Remove so many at most, the oldest first; default 10,000'),
  })
  .optional()
  .meta({ id: 'RetentionRequest', examples: [{ olderThanMs: 604_800_000, limit: 1_000 }] });

export const removalView = z
  .object({
    endedBefore: time,
    removed: z.int(),
    more: z.boolean().describe('The limit or the time of a request ended it: ask again to go on'),
  })
  .meta({ id: 'RetentionResult' });
