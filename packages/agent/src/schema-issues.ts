import type { JsonObject } from '@mainstay/types';
import type { z } from 'zod';

/** Issues beyond these are counted, not listed. */
const MAX_ISSUES = 20;

/** A schema's complaints as they travel in an error: `details` and one line for the message. */
export interface SchemaIssues {
  readonly details: JsonObject;
  readonly summary: string;
}

export function schemaIssues(error: z.ZodError): SchemaIssues {
  const issues = error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join('.') || '(root)',
    problem: issue.message.slice(0, 500),
  }));
  const more = error.issues.length - issues.length;
  return {
    details: { issues, ...(more > 0 ? { more } : {}) },
    summary: issues
      .slice(0, 3)
      .map(({ path, problem }) => `${path}: ${problem}`)
      .join('; '),
  };
}
