import { z } from 'zod';
import { anyJson, cursorQuery, errorView, pageOf, time } from './common.ts';

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
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterPage = pageOf('DeadLetterPage', deadLetterView);

export const deadLettersQuery = z.strictObject(cursorQuery);

export const redriveBody = z
  .strictObject({ input: anyJson.optional().describe("Replaces the task's input") })
  .optional()
  .meta({ examples: [{}] });
