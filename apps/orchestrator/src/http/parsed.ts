import type { z } from 'zod';
import { ValidationError } from '@mainstay/types';
import { schemaError } from './problems.ts';

/** A part of a request through its schema; rejects with VALIDATION_FAILED. A query that no schema describes must be empty. */
export function parsed<S extends z.ZodType | undefined>(
  schema: S | undefined,
  value: unknown,
  what: 'path' | 'query' | 'headers' | 'body',
): S extends z.ZodType ? z.output<S> : undefined;
export function parsed(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) {
    if (what === 'query' && typeof value === 'object' && value !== null) refuseAny(Object.keys(value));
    return undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  if (what === 'body' && value === undefined) throw new ValidationError('VALIDATION_FAILED', 'The request needs a JSON body');
  throw schemaError(result.error, what);
}

function refuseAny([first]: readonly string[]): void {
  if (first === undefined) return;
  const message = `Unknown query parameter ${JSON.stringify(first.slice(0, 100))}`;
  throw new ValidationError('VALIDATION_FAILED', message, {
    details: { issues: [{ path: `/${first.slice(0, 100)}`, problem: message, in: 'query' }] },
  });
}
