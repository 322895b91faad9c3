import { z } from 'zod';
import type { JsonObject, JsonValue } from './json.ts';

/**
 * Accepts what came out of `JSON.parse` without walking it: a value that was parsed from JSON is JSON. Use it only on
 * parsed text, never on values that a program built.
 */
export const jsonValueSchema: z.ZodType<JsonValue> = z.custom<JsonValue>((value) => value !== undefined);

/** Accepts any JSON object; see {@link jsonValueSchema}. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
