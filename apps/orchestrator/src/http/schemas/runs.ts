import { z } from 'zod';
import { EVENT_TYPES } from '../../pipeline/model.ts';
import { anyJson, anyObject, cursorQuery, errorView, integerText, line, pageOf, problemSchema, time } from './common.ts';
import { POSITION } from '../ends/position.ts';
import { decisionView } from './decisions.ts';

export const runStatus = z
  .enum(['queued', 'running', 'waiting', 'paused', 'suspended', 'succeeded', 'failed', 'cancelled'])
  .meta({ id: 'RunStatus' });

export const taskStatus = z
  .enum(['pending', 'ready', 'dispatched', 'running', 'waiting', 'succeeded', 'skipped', 'cancelled', 'dead'])
  .meta({ id: 'TaskStatus' });

export const newRunBody = z
  .strictObject({
    pipeline: line(200).describe('Name of the pipeline'),
    version: z.int().min(1).max(2_147_483_647).optional().describe('Default: the newest'),
    input: anyJson.optional().describe('Any JSON value; default {}'),
    priority: z.int().min(-100).max(100).optional().describe('-100 (last) to 100 (first); default 0'),
  })
  .meta({ id: 'NewRun', examples: [{ pipeline: 'review', input: { path: '.' } }] });

/** 30 days. */
const MAX_DEADLINE_MS = 2_592_000_000;

export const deadlineHeaders = z.object({
  'x-deadline-ms': integerText(0, MAX_DEADLINE_MS)
    .optional()
    .describe(
      'Milliseconds after which nobody wants the result: the run ends then with DEADLINE_EXCEEDED, unless its pipeline grants it less',
    ),
  priority: line(200)
    .optional()
    .describe('`u=0` to `u=2` with runs of a priority above 0: they are taken while there is too much to do for others (RFC 9218)'),
});

export const runHeaders = deadlineHeaders.extend({
  'idempotency-key': line(200).optional().describe('The same key with the same request gives the run that was created first'),
});

export const createdRun = z.object({ id: z.string(), status: runStatus }).meta({ id: 'CreatedRun' });

export const MAX_BATCH = 500;

/** One run of a batch. */
export const batchRun = newRunBody
  .extend({
    idempotencyKey: line(200).optional().describe('As the header Idempotency-Key of a single request'),
    correlationId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Must be 1 to 64 letters, digits, - or _')
      .optional()
      .describe('Default: a new one for each run'),
    traceparent: line(200).optional().describe('W3C Trace Context; default: that of the request'),
    tracestate: line(512).optional().describe('W3C Trace Context; only with traceparent'),
    deadlineMs: z.int().min(0).max(MAX_DEADLINE_MS).optional().describe('As the header x-deadline-ms, which is the default'),
  })
  .meta({ id: 'BatchRun', examples: [{ pipeline: 'review', input: { path: '.' }, idempotencyKey: 'review-1' }] });

/** What the contract says of a batch. */
export const batchFacts = z.strictObject({ runs: z.array(batchRun).min(1).max(MAX_BATCH) }).meta({ id: 'RunBatch' });

/** The envelope alone: each run is checked by itself. */
export const batchBody = z.strictObject({ runs: z.array(z.unknown()).min(1).max(MAX_BATCH) });

export const batchResult = z
  .object({
    results: z
      .array(
        z.union([
          z.object({
            status: z.union([z.literal(202), z.literal(200)]).describe('202: accepted; 200: had been accepted before under this key'),
            id: z.string(),
            runStatus,
          }),
          z.object({ status: z.int().min(400).max(599), error: problemSchema }),
        ]),
      )
      .describe('One for each run, in order'),
  })
  .meta({ id: 'RunBatchResult' });

export const taskView = z
  .object({
    stage: z.string(),
    agent: z.string(),
    status: taskStatus,
    attempt: z.int().describe('0 before the first'),
    output: anyJson.optional(),
    error: errorView.optional(),
    degraded: z.boolean().optional().describe('The output is that of a fallback'),
    progress: z.object({ fraction: z.number(), note: z.string().optional() }).optional(),
    worker: z.string().optional(),
    decision: z.string().optional().describe('Id of the decision that the task waits on'),
    dueAt: time.optional().describe('When a ready task is tried'),
    waitingFor: z.object({ agent: z.string(), since: time }).optional().describe('No live worker offers this kind of agent'),
    startedAt: time.optional(),
    finishedAt: time.optional(),
  })
  .meta({ id: 'Task' });

export const runView = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    version: z.int(),
    status: runStatus,
    priority: z.int(),
    input: anyJson,
    output: anyJson.optional(),
    error: errorView.optional(),
    degraded: z.boolean().describe('At least one task gave a fallback output'),
    tasks: z.array(taskView).describe('In an order in which each stage comes after its needs'),
    decisions: z.array(decisionView).describe('Open ones'),
    lastEvent: z.int().describe('Number of the last event'),
    correlationId: z.string(),
    traceId: z.string().describe('Trace of the run: 32 hexadecimal digits'),
    createdAt: time,
    startedAt: time.optional(),
    finishedAt: time.optional(),
    deadlineAt: time.optional(),
  })
  .meta({ id: 'Run' });

export const runSummaryView = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    version: z.int(),
    status: runStatus,
    priority: z.int(),
    error: errorView.optional(),
    createdAt: time,
    startedAt: time.optional(),
    finishedAt: time.optional(),
  })
  .meta({ id: 'RunSummary' });

export const runPage = pageOf('RunPage', runSummaryView);

export const runsQuery = z.strictObject({
  status: runStatus.optional(),
  pipeline: line(200).optional(),
  ...cursorQuery,
});

export const cancelBody = z
  .strictObject({ reason: line(1_000).optional() })
  .optional()
  .meta({ examples: [{ reason: 'no longer needed' }] });

export const emptyBody = z.strictObject({}).optional();

export const eventsQuery = z.strictObject({
  after: integerText(0, 2_147_483_647).optional().describe('Events after this number; default 0'),
  limit: integerText(1, 1_000).optional().describe('Events per page (JSON only); default 200'),
  follow: z.enum(['true', 'false']).optional().describe('Keep the stream open after the run has ended; default false'),
});

export const eventsHeaders = z.object({
  'last-event-id': integerText(0, 2_147_483_647).optional().describe('Resumes a stream; wins over `after`'),
});

export const eventView = z
  .object({
    seq: z.int().describe('From 1, without gaps within the run'),
    at: time,
    type: z.enum(EVENT_TYPES),
    task: z.string().optional().describe('Id of the stage'),
    data: anyObject.optional(),
  })
  .meta({ id: 'Event' });

export const eventPage = z
  .object({ items: z.array(eventView), after: z.int().describe('Send it as `after` for what comes next') })
  .meta({ id: 'EventPage' });

const position = z.string().regex(POSITION, 'Must be a position: a time in milliseconds, or what was given before');
const UUIDS = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){0,99}$/;

export const endsQuery = z.strictObject({
  after: position.optional().describe('Ends after this position, or this time in milliseconds since 1970; default: from now on'),
  limit: integerText(1, 1_000).optional().describe('Ends per page (JSON only); default 200'),
  runs: z
    .string()
    .regex(UUIDS, 'Must be 1 to 100 ids of runs, with commas')
    .optional()
    .describe('Which of these runs have ended (JSON only)'),
});

export const endsHeaders = z.object({
  'last-event-id': position.optional().describe('Resumes a stream; wins over `after`'),
});

export const runEnd = z
  .object({ id: z.string(), status: z.enum(['succeeded', 'failed', 'cancelled']), finishedAt: time })
  .meta({ id: 'RunEnd', description: 'That a run is over' });

export const endPage = z
  .object({ items: z.array(runEnd), after: z.string().describe('Send it as `after` for what comes next') })
  .meta({ id: 'RunEndPage' });

export const endsOfRuns = z
  .object({ items: z.array(runEnd), unknown: z.array(z.string()).describe('Ids of which there is no run') })
  .meta({ id: 'EndsOfRuns' });
