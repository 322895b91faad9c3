import { z } from 'zod';
import { anyJson, anyObject, cursorQuery, line, pageOf, time } from './common.ts';

export const decisionView = z
  .object({
    id: z.string(),
    run: z.string(),
    stage: z.string(),
    kind: z.enum(['question', 'gate']).describe('Asked by an agent, or by a gate that does not hold'),
    status: z.enum(['open', 'answered']),
    question: anyObject.describe('question, options?, default?, context?'),
    openedAt: time,
    expiresAt: time.optional(),
    answer: anyJson.optional(),
    comment: z.string().optional(),
    by: z.string().optional().describe('Who answered; `default` when nobody did in time'),
    answeredAt: time.optional(),
  })
  .meta({ id: 'Decision' });

export const decisionPage = pageOf('DecisionPage', decisionView);

export const decisionsQuery = z.strictObject({
  status: z.enum(['open', 'answered']).optional(),
  run: line(200).optional().describe('Only those of this run'),
  ...cursorQuery,
});

export const answerBody = z
  .strictObject({
    answer: anyJson.describe('One of the options, where the question has some'),
    comment: z.string().max(10_000).optional(),
  })
  .meta({ id: 'AnswerRequest', examples: [{ answer: 'accept', comment: 'a test fixture' }] });
