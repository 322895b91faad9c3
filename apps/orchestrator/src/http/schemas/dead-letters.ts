import { z } from 'zod';
import { DEAD_LETTER_STATUSES } from '../../store/store.ts';
import { anyJson, cursorQuery, errorView, line, pageOf, time } from './common.ts';

export const deadLetterView = z
  .object({
    id: z.string(),
    run: z.string(),
    pipeline: z.string(),
    stage: z.string(),
    agent: z.string(),
    attempt: z.int(),
    losses: z.int().describe('Attempts that ended with the death of their worker'),
    input: anyJson,
    error: errorView,
    at: time,
    redrivenAt: time.optional(),
    discardedAt: time.optional(),
    discardedBy: z.string().optional(),
    discardReason: z.string().optional(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterPage = pageOf('DeadLetterPage', deadLetterView);

const filter = {
  run: line(200).optional().describe('Only those of this run'),
  pipeline: line(200).optional().describe('Only those of this pipeline'),
  stage: line(200).optional().describe('Only those of this stage'),
  agent: line(200).optional().describe('Only those of this kind of agent'),
  code: line(100).optional().describe('Only those with this error code'),
};

export const deadLettersQuery = z.strictObject({
  ...cursorQuery,
  status: z.enum(DEAD_LETTER_STATUSES).optional().describe('waiting: neither redriven nor discarded'),
  ...filter,
});

export const redriveBody = z
  .strictObject({ input: anyJson.optional().describe("Replaces the task's input") })
  .optional()
  .meta({ examples: [{}] });

export const redriveManyBody = z
  .strictObject({
    ...filter,
    limit: z.int().min(1).max(500).optional().describe('Dead letters of one request at most; default 100'),
    cursor: cursorQuery.cursor.describe('Goes on where the request before ended'),
  })
  .meta({ examples: [{ pipeline: 'review', code: 'AGENT_FAILED' }] });

export const redriveManyView = z
  .object({
    matched: z.int().describe('Dead letters that were looked at'),
    redriven: z.int(),
    runs: z.int().describe('Runs that go on'),
    already: z.int().describe('Redriven or gone in the meantime'),
    failed: z.array(z.object({ id: z.string(), run: z.string(), code: z.string(), message: z.string() })),
    cursor: z.string().optional().describe('There may be more: send it with the same filter. Absent at the end'),
  })
  .meta({ id: 'RedriveResult', description: 'What became of the dead letters of one request' });

export const discardBody = z.strictObject({ reason: line(1_000).describe('Why it is given up, for the record') }).meta({
  examples: [{ reason: 'the file is gone' }],
});
