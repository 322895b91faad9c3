import { z } from 'zod';
import { jsonObjectSchema } from '../json-schema.ts';

const name = z.string().min(1).max(200);

/** One attempt, named. */
export const attemptRefSchema = z.object({ run: name, task: name, fence: z.number().int().positive() });
export type AttemptRef = z.infer<typeof attemptRefSchema>;

/** What a worker offers of one agent kind. */
export const agentOfferSchema = z.object({
  kind: name,
  version: z.string().max(64).optional(),
  description: z.string().max(1_000).optional(),
  /** JSON Schemas (draft 2020-12) of the agent's input and output. */
  input: jsonObjectSchema,
  output: jsonObjectSchema,
});
export type AgentOffer = z.infer<typeof agentOfferSchema>;

/** That a person began or ended an emergency that holds for all processes. Who does not hear of it again for `ttlMs` forgets it. */
export const emergencyNoticeSchema = z.object({
  /** The process that the person told. */
  process: name,
  active: z.boolean(),
  reason: z.string().max(1_000),
  by: z.string().max(200),
  ttlMs: z.number().int().positive(),
});
export type EmergencyNotice = z.infer<typeof emergencyNoticeSchema>;

/** That a worker went into an emergency or came out of it: workers have no database to write it down. */
export const workerEmergencySchema = z.object({
  /** By the worker's clock. With the worker and the change it names the record: what is told again is the same one. */
  at: z.number().int().positive(),
  change: z.enum(['entered', 'left']),
  triggers: z.array(z.string().min(1).max(64)).max(20),
  reason: z.string().max(1_000).optional(),
  /** The person who wanted it; absent: it came by itself. */
  by: z.string().max(200).optional(),
});
export type WorkerEmergency = z.infer<typeof workerEmergencySchema>;

/** Another log level for all processes. Of two notices the one with the greater id holds. */
export const levelNoticeSchema = z.object({
  /** UUIDv7. */
  id: name,
  /** `default`: that of each process's configuration. */
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent', 'default']),
  /** Milliseconds for which it still holds; absent: until another notice. */
  forMs: z.number().int().positive().optional(),
  by: z.string().max(200),
});
export type LevelNotice = z.infer<typeof levelNoticeSchema>;

/** Something that one process is to do, and to answer with a {@link ReplyPart}. One that does not know how does not answer. */
export const processAskSchema = z.object({ id: name, what: z.string().min(1).max(64), params: jsonObjectSchema });
export type ProcessAsk = z.infer<typeof processAskSchema>;

/** A part of an answer. Part 0, at once: it is being done. The last part has an error, or is the last of those that are data. */
export const replyPartSchema = z.object({
  /** Of the {@link ProcessAsk}. */
  id: name,
  part: z.number().int().nonnegative(),
  /** How many there are after part 0; 0: that is not known yet. */
  parts: z.number().int().nonnegative(),
  data: z.string().max(1_048_576),
  /** Code of the error and what it says. */
  error: z.object({ code: z.string().min(1).max(64), message: z.string().max(2_000), details: jsonObjectSchema }).optional(),
});
export type ReplyPart = z.infer<typeof replyPartSchema>;

/**
 * Messages that may be missed: whatever they say can also be read elsewhere. `v` is the version of the family; the N-2
 * rule holds as for envelopes.
 */
export const controlMessageSchema = z.discriminatedUnion('type', [
  /** A worker's sign of life, about once a second. */
  z.object({
    v: z.number().int().positive(),
    type: z.literal('heartbeat'),
    worker: name,
    host: z.string().max(255),
    pid: z.number().int().positive(),
    version: z.string().max(64),
    startedAt: z.number().int().positive(),
    capacity: z.number().int().positive(),
    running: z.array(attemptRefSchema).max(10_000),
    draining: z.boolean(),
    rssBytes: z.number().int().nonnegative(),
    /** Kinds offered. */
    kinds: z.array(name).max(1_000),
    /** Present in the first heartbeats and on request (`hello`). */
    offers: z.array(agentOfferSchema).max(1_000).optional(),
    /** Its last ones, in every heartbeat for a while: any may be missed. */
    emergencies: z.array(workerEmergencySchema).max(20).optional(),
  }),
  /**
   * An orchestrator asks all workers to introduce themselves at once; with `emergency` it tells all processes of one, with `level` of
   * another log level, with `ask` it has one do something, and with `reply` one answers that. Those that do not know a field only
   * introduce themselves.
   */
  z.object({
    v: z.number().int().positive(),
    type: z.literal('hello'),
    from: name,
    emergency: emergencyNoticeSchema.optional(),
    level: levelNoticeSchema.optional(),
    ask: processAskSchema.optional(),
    reply: replyPartSchema.optional(),
  }),
  /** An orchestrator's sign of life, about once a second. */
  z.object({
    v: z.number().int().positive(),
    type: z.literal('orchestrator'),
    name,
    /** It leaves its share of the work to others. */
    draining: z.boolean(),
    /** It does so because it cannot reach the store, and comes back. Those who do not know the field see that it is `draining`. */
    aside: z.boolean().optional(),
    startedAt: z.number().int().positive(),
    /** What it wants to be told of: `events` (of any run), `ends` (of runs). Absent: everything. */
    watches: z.array(name).max(100).optional(),
  }),
  /** To one worker: stop these attempts. */
  z.object({
    v: z.number().int().positive(),
    type: z.literal('cancel'),
    attempts: z.array(attemptRefSchema).min(1).max(10_000),
    reason: z.enum(['cancelled', 'lease-lost', 'deadline']),
  }),
  /** These runs have new events; `ended` tells of those that are over. */
  z.object({
    v: z.number().int().positive(),
    type: z.literal('events'),
    runs: z
      .array(
        z.object({
          run: name,
          tenant: name,
          last: z.number().int().nonnegative(),
          ended: z.object({ status: z.enum(['succeeded', 'failed', 'cancelled']), at: z.number().int().positive() }).optional(),
        }),
      )
      .max(10_000),
  }),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;
export type Heartbeat = Extract<ControlMessage, { type: 'heartbeat' }>;
