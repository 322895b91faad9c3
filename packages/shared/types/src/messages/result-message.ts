import { z } from 'zod';
import { serializedErrorSchema } from '../errors/serialize.ts';
import { jsonValueSchema } from '../json-schema.ts';
import { envelopeSchema } from './envelope.ts';

/** A question that a task waits on. */
export const questionSchema = z.object({
  /** Names the question within the task: asking it again under the same key gives the same answer. */
  key: z.string().min(1).max(200),
  question: z.string().min(1).max(10_000),
  /** Allowed answers; absent: any JSON value. */
  options: z.array(jsonValueSchema).min(1).max(100).optional(),
  /** How long to wait, in milliseconds; absent: for ever. */
  timeoutMs: z.number().int().positive().optional(),
  /** Answer given when the time is over; absent: the task fails with DECISION_EXPIRED. */
  default: jsonValueSchema.optional(),
  /** Kind of agent that is to answer; absent: a person. */
  agent: z.string().min(1).max(200).optional(),
  /** What the one who answers needs to know. */
  context: jsonValueSchema.optional(),
});
export type Question = z.infer<typeof questionSchema>;

/** How an attempt ended. */
export const outcomeSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('succeeded'), output: jsonValueSchema }),
  z.object({ status: z.literal('failed'), error: serializedErrorSchema }),
  /** Handed back by a shutdown: costs no attempt. */
  z.object({ status: z.literal('suspended') }),
  /** The task ended its attempt to wait for an answer. */
  z.object({ status: z.literal('asked'), question: questionSchema }),
  /** The worker stopped the attempt because it was told to. */
  z.object({ status: z.literal('cancelled') }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** The end of an attempt. */
export const resultMessageSchema = envelopeSchema.extend({
  type: z.literal('result'),
  /** Name of the worker. */
  worker: z.string().min(1).max(200),
  /** When the attempt began and ended, milliseconds since 1970 on the worker's clock. */
  startedAt: z.number().int().positive(),
  finishedAt: z.number().int().positive(),
  outcome: outcomeSchema,
  /** The last checkpoint, when it was not reported before. */
  checkpoint: jsonValueSchema.optional(),
});
export type ResultMessage = z.infer<typeof resultMessageSchema>;

/** An event that the agent emitted. */
export const emittedSchema = z.object({
  name: z.string().min(1).max(200),
  data: jsonValueSchema.optional(),
  at: z.number().int().positive(),
});
export type Emitted = z.infer<typeof emittedSchema>;

/** News of an attempt that goes on: sent at most a few times a second per task, and only when there is news. */
export const reportMessageSchema = envelopeSchema.extend({
  type: z.literal('report'),
  worker: z.string().min(1).max(200),
  startedAt: z.number().int().positive(),
  /** Counts the reports of an attempt, from 1: of two that arrive in the wrong order, the later one's progress and checkpoint count. */
  number: z.number().int().positive().optional(),
  progress: z.object({ fraction: z.number().min(0).max(1), note: z.string().max(1_000).optional() }).optional(),
  checkpoint: jsonValueSchema.optional(),
  events: z.array(emittedSchema).max(1_000).default([]),
});
export type ReportMessage = z.infer<typeof reportMessageSchema>;

/** What workers send to orchestrators. */
export const workerMessageSchema = z.discriminatedUnion('type', [resultMessageSchema, reportMessageSchema]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
