import { z } from 'zod';
import { jsonObjectSchema, jsonValueSchema } from '@mainstay/types';

/** An ISO 8601 time in UTC, with milliseconds. */
export const time = z.iso.datetime().describe('ISO 8601, UTC');

export const anyJson = jsonValueSchema.describe('Any JSON value');

export const anyObject = jsonObjectSchema.meta({ id: 'JsonObject', type: 'object', description: 'Any JSON object' });

/** One line of text without control characters. */
export function line(max: number, min = 1): z.ZodString {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'Control characters are not allowed');
}

/** An integer in a query string or header. */
export function integerText(min: number, max: number) {
  return z
    .string()
    .regex(/^-?[0-9]{1,15}$/, 'Must be an integer')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** A boolean in a query string. */
export const booleanText = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .pipe(z.boolean());

export const idParams = z.strictObject({ id: line(200).describe('Id (UUID)') });

export const cursorQuery = {
  cursor: line(1_000).optional().describe('Continues a listing: the cursor of the page before'),
  limit: integerText(1, 500).optional().describe('Items per page; default 50'),
};

export const DEFAULT_LIMIT = 50;

/** One page of a listing. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .object({ items: z.array(item), cursor: z.string().optional().describe('Continues the listing; absent at its end') })
    .meta({ id, description: 'One page of a listing' });
}

/** An error as runs, tasks and dead letters keep it. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly disposition: 'terminal' | 'retryable' | 'cancelled';
  readonly details?: z.infer<typeof anyObject> | undefined;
  readonly cause?: ErrorView | undefined;
}

export const errorView: z.ZodType<ErrorView> = z
  .object({
    code: z.string(),
    message: z.string(),
    disposition: z.enum(['terminal', 'retryable', 'cancelled']).describe('Whether trying again can help'),
    details: anyObject.optional(),
    get cause() {
      return errorView.optional();
    },
  })
  .meta({ id: 'Error', description: 'Why something failed' });

export const problemSchema = z
  .object({
    type: z.string().describe('urn:mainstay:error:<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('Path of the request'),
    code: z.string().describe('Identity of the error; docs/ERROR-HANDLING.md lists all'),
    hint: z.string().describe('What to do'),
    correlationId: z.string(),
    traceId: z.string().describe('Trace of the request'),
    issues: z
      .array(z.looseObject({ path: z.string().describe('JSON pointer'), problem: z.string() }))
      .optional()
      .describe('Each fault: where, and what is wrong'),
    details: anyObject.optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });
