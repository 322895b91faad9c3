import { z } from 'zod';

/** A fault in what was sent: where (a JSON pointer), and what is wrong. */
export const issueSchema = z.looseObject({ path: z.string().catch(''), problem: z.string().catch('invalid') });
export type Issue = z.infer<typeof issueSchema>;

/** Problem details (RFC 9457) as the orchestrator sends them; parts that are missing or odd are replaced. */
export const problemSchema = z.looseObject({
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional().catch(undefined),
  hint: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  traceId: z.string().optional().catch(undefined),
  issues: z.array(issueSchema).optional().catch(undefined),
});
export type Problem = z.infer<typeof problemSchema>;
