import { z } from 'zod';
import { jsonValueSchema } from '../json-schema.ts';
import { envelopeSchema } from './envelope.ts';

/** Higher classes are read first; within a class, tasks are read in the order in which they were sent. */
export const priorityClassSchema = z.enum(['high', 'normal', 'low']);
export type PriorityClass = z.infer<typeof priorityClassSchema>;

/** An answer that a person, an agent or the default gave to a question of this task. */
export const answerSchema = z.object({
  /** Key of the question within the task. */
  key: z.string().min(1).max(200),
  answer: jsonValueSchema,
  comment: z.string().max(10_000).optional(),
  /** Who answered: a principal's name, `agent:<kind>`, or `default` when nobody did in time. */
  by: z.string().max(200),
});
export type Answer = z.infer<typeof answerSchema>;

/** What a worker is asked to do: one attempt of one task. */
export const taskMessageSchema = envelopeSchema.extend({
  type: z.literal('task'),
  /** Kind of agent. */
  agent: z.string().min(1).max(200),
  pipeline: z.string().min(1).max(200),
  priority: priorityClassSchema,
  input: jsonValueSchema,
  /** The run time that the attempt has from its start, in milliseconds. */
  timeoutMs: z.number().int().positive(),
  /** The same across all attempts of the task: `run:stage`. */
  idempotencyKey: z.string().min(1).max(500),
  /** The last checkpoint of an earlier attempt. */
  restored: jsonValueSchema.optional(),
  /** Answers to earlier questions of this task, oldest first. */
  answers: z.array(answerSchema).max(100).default([]),
});
export type TaskMessage = z.infer<typeof taskMessageSchema>;
