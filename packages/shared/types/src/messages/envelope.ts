import { z } from 'zod';
import { isTraceparent } from '../ids.ts';

/** The version of the message family that this program writes. It reads this one and the two before it (N-2). */
export const MESSAGE_VERSION = 1;

/** Ids and names in messages: bounded, without control characters. */
const name = z.string().min(1).max(200);

/** `traceparent` of W3C Trace Context, version 00. */
export const traceparentSchema = z.string().refine(isTraceparent);

/**
 * What every message about an attempt carries, from the first version on. Later versions may add optional fields; they
 * never remove one or change a meaning within the N-2 window.
 */
export const envelopeSchema = z.object({
  /** Version of the message family. */
  v: z.number().int().positive(),
  /** Unique id of this message (UUIDv7). */
  id: name,
  tenant: name,
  /** Run id (UUID). */
  run: name,
  /** Stage id within the run: run and task together name the task. */
  task: name,
  /** Counts the tries that cost something, from 1. */
  attempt: z.number().int().positive(),
  /** Grows with every dispatch of the task; a message with an old fence changes nothing. */
  fence: z.number().int().positive(),
  /** Milliseconds since 1970 (the database's clock) after which nobody wants the result; absent: no deadline. */
  deadline: z.number().int().positive().optional(),
  /** Follows the run through every log line. */
  correlationId: name,
  traceparent: traceparentSchema,
  /** What others have to tell of the trace; handed on as it came. Absent: nothing. */
  tracestate: z.string().min(1).max(512).optional(),
});

export type Envelope = z.infer<typeof envelopeSchema>;
