import { jsonValueSchema } from '@mainstay/types';
import { z } from 'zod';

/** Names of pipelines and stages, and agent kinds. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const name = z
  .string()
  .regex(NAME, 'must be 1 to 64 letters, digits, dashes and underscores, beginning with a letter or digit')
  .meta({ description: 'Letters, digits, dashes, underscores; at most 64' });
const agent = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$/, 'must be the name of an agent kind: 1 to 100 letters, digits and _ . : / -');

const DAY_MS = 86_400_000;
const duration = (max: number): z.ZodInt => z.int().min(1).max(max);
const expression = z.string().min(1);

const retrySchema = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100).default(4),
    maxLosses: z.int().min(0).max(100).default(4),
    backoff: z.enum(['exponential', 'linear', 'constant']).default('exponential'),
    baseMs: z.int().min(0).max(DAY_MS).default(1_000),
    maxMs: z.int().min(0).max(DAY_MS).default(30_000),
    jitter: z.enum(['full', 'none']).default('full'),
  })
  .prefault({});

const onFailureSchema = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('fail') }),
    z.strictObject({ action: z.literal('degrade'), output: jsonValueSchema }),
    z.strictObject({
      action: z.literal('retry'),
      times: z.int().min(1).max(100),
      delayMs: z
        .int()
        .min(0)
        .max(7 * DAY_MS),
    }),
  ])
  .default({ action: 'fail' });

/** One stage as it is written. */
export const stageSchema = z.strictObject({
  id: name,
  agent,
  needs: z.array(z.string().max(64)).max(1_000).default([]),
  input: jsonValueSchema.exactOptional(),
  when: expression.exactOptional(),
  retry: retrySchema,
  timeoutMs: duration(7 * DAY_MS).default(120_000),
  gate: expression.exactOptional(),
  onGateFailure: z.enum(['fail', 'retry', 'ask']).default('fail'),
  ask: z
    .strictObject({
      question: z.string().min(1).max(10_000).exactOptional(),
      timeoutMs: duration(366 * DAY_MS).exactOptional(),
      default: z.enum(['accept', 'reject', 'retry']).exactOptional(),
    })
    .default({}),
  onFailure: onFailureSchema,
  fallback: z.array(agent).max(10).default([]),
});

/** A pipeline definition as it is written; parsing it fills in the defaults. The graph and the expressions are checked by `parseDefinition`. */
export const definitionSchema = z.strictObject({
  name,
  description: z.string().max(2_000).exactOptional(),
  concurrency: z.int().min(1).max(100_000).exactOptional(),
  timeoutMs: duration(366 * DAY_MS).exactOptional(),
  output: jsonValueSchema.exactOptional(),
  stages: z.array(stageSchema).min(1),
});
