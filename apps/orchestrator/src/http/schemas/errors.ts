import { z } from 'zod';
import { ERROR_STATUSES } from '../../store/errors.ts';
import { cursorQuery, line, pageOf, time } from './common.ts';

const status = z.enum(ERROR_STATUSES).describe('`resolved` ends when the error is seen again; `ignored` stays');

const group = {
  id: z.string().describe('What makes it the same error: sixteen hexadecimal characters'),
  code: z.string(),
  name: z.string(),
  title: z.string().describe('The message without what differs between occurrences'),
  status,
  firstSeenAt: time,
  lastSeenAt: time,
  count: z.int(),
  perMinute: z.number().describe('Occurrences per minute over the last minutes; recent ones count more'),
  runs: z.array(z.string()).describe('Affected runs, the newest first, at most 20'),
  runsTruncated: z.boolean().describe('More runs may have been affected'),
  markedAt: time.optional().describe('When the status was set last'),
  markedBy: z.string().optional(),
};

export const errorGroupView = z.object(group).meta({ id: 'ErrorGroup', description: 'All occurrences of the same error' });

export const errorGroupDetail = z
  .object({
    ...group,
    sample: z.object({ message: z.string(), stack: z.string().optional().describe('Only for the tenant `default`') }),
  })
  .meta({ id: 'ErrorGroupDetail', description: 'All occurrences of the same error, and the newest one' });

export const errorGroupPage = pageOf('ErrorGroupPage', errorGroupView);

export const errorsQuery = z.strictObject({
  ...cursorQuery,
  status: status.optional(),
  code: line(100).optional().describe('Only this error code'),
  run: line(200).optional().describe('Only what affected this run'),
});

export const markErrorBody = z
  .strictObject({ status: status.optional().describe('Default: resolved') })
  .optional()
  .meta({ examples: [{}] });
