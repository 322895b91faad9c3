import { z } from 'zod';

/** What the command line reads of the server's answers. Everything else in them is kept as it came. */

/** Why something failed; what caused it lies within. */
export interface ErrorView {
  readonly [member: string]: unknown;
  readonly code: string;
  readonly message: string;
  readonly cause?: ErrorView | undefined;
}
export const errorView: z.ZodType<ErrorView> = z.looseObject({
  code: z.string(),
  message: z.string(),
  get cause() {
    return errorView.optional();
  },
});

const question = z.looseObject({
  question: z.string(),
  options: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  context: z.unknown().optional(),
});

export const decisionView = z.looseObject({
  id: z.string(),
  run: z.string(),
  stage: z.string(),
  kind: z.string(),
  status: z.string(),
  question,
  openedAt: z.string(),
  expiresAt: z.string().optional(),
  answer: z.unknown().optional(),
  by: z.string().optional(),
});
export type DecisionView = z.infer<typeof decisionView>;

export const taskView = z.looseObject({
  stage: z.string(),
  agent: z.string(),
  status: z.string(),
  attempt: z.number(),
  output: z.unknown().optional(),
  error: errorView.optional(),
  degraded: z.boolean().optional(),
  waitingFor: z.looseObject({ agent: z.string(), since: z.string() }).optional(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
});
export type TaskView = z.infer<typeof taskView>;

const summary = {
  id: z.string(),
  pipeline: z.string(),
  version: z.number(),
  status: z.string(),
  error: errorView.optional(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
};

export const runView = z.looseObject({
  /** Absent: from an orchestrator of before. */
  traceId: z.string().optional(),
  ...summary,
  input: z.unknown(),
  output: z.unknown().optional(),
  degraded: z.boolean().optional(),
  tasks: z.array(taskView),
  decisions: z.array(decisionView).default([]),
});
export type RunView = z.infer<typeof runView>;

export const runSummary = z.looseObject(summary);
export type RunSummary = z.infer<typeof runSummary>;

export const createdRun = z.looseObject({ id: z.string(), status: z.string() });
export const storedPipeline = z.looseObject({ name: z.string(), version: z.number() });

export const pipelineSummary = z.looseObject({
  name: z.string(),
  version: z.number(),
  description: z.string().optional(),
  stages: z.number(),
  createdAt: z.string(),
});

export const deadLetterView = z.looseObject({
  id: z.string(),
  run: z.string(),
  pipeline: z.string(),
  stage: z.string(),
  agent: z.string(),
  attempt: z.number(),
  error: errorView,
  at: z.string(),
  input: z.unknown(),
  redrivenAt: z.string().optional(),
  discardedAt: z.string().optional(),
  discardedBy: z.string().optional(),
  discardReason: z.string().optional(),
});
export type DeadLetterView = z.infer<typeof deadLetterView>;

export const redriveResult = z.looseObject({
  matched: z.number(),
  redriven: z.number(),
  runs: z.number(),
  already: z.number(),
  failed: z.array(z.looseObject({ id: z.string(), code: z.string(), message: z.string() })),
  cursor: z.string().optional(),
});

export const agentsView = z.looseObject({
  workers: z.array(
    z.looseObject({
      name: z.string(),
      kinds: z.array(z.string()),
      capacity: z.number(),
      running: z.number(),
      draining: z.boolean(),
      lastHeartbeatAt: z.string(),
    }),
  ),
  kinds: z.array(z.looseObject({ kind: z.string(), description: z.string().optional(), workers: z.number() })),
  missing: z.array(z.looseObject({ agent: z.string(), waiting: z.number(), since: z.string() })),
});
export type AgentsView = z.infer<typeof agentsView>;

/** One event of a run. `type` may be one that this version does not know. */
export const runEvent = z.looseObject({
  seq: z.int().positive(),
  at: z.string(),
  type: z.string(),
  task: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type RunEvent = z.infer<typeof runEvent>;

/** What was done, and by whom. */
export const auditRecordView = z.looseObject({
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.unknown()),
  correlationId: z.string(),
});
export type AuditRecordView = z.infer<typeof auditRecordView>;

export const retentionView = z.looseObject({
  keepDays: z.number().nullable(),
  everyMinutes: z.number(),
  finishedRuns: z.number(),
  oldestEndedAt: z.string().optional(),
  endedBefore: z.string().optional(),
  removable: z.number().optional(),
});
export type RetentionView = z.infer<typeof retentionView>;

export const removalView = z.looseObject({ endedBefore: z.string(), removed: z.number(), more: z.boolean() });

/** How an orchestrator is; each part from 0 to 1. */
export const healthView = z.looseObject({
  name: z.string(),
  status: z.string(),
  score: z.number(),
  parts: z.record(z.string(), z.number()),
});
export type HealthView = z.infer<typeof healthView>;

/** Emergency mode of the orchestrator that answers. */
export const emergencyView = z.looseObject({
  active: z.boolean(),
  process: z.string(),
  triggers: z.array(z.string()),
  score: z.number(),
  memoryShare: z.number(),
  leastPriority: z.string(),
  recent: z.array(
    z.looseObject({
      change: z.string(),
      at: z.string(),
      triggers: z.array(z.string()),
      reason: z.string().optional(),
      by: z.string().optional(),
      actions: z.array(z.looseObject({ action: z.string(), result: z.string() })).optional(),
    }),
  ),
});
export type EmergencyView = z.infer<typeof emergencyView>;

export const logLevelView = z.looseObject({
  level: z.string(),
  previous: z.string(),
  until: z.string().optional(),
  process: z.string(),
  scope: z.string(),
});

export const heapSnapshotView = z.looseObject({ process: z.string(), file: z.string(), bytes: z.number(), tookMs: z.number() });

const lag = z.number();
export const eventLoopView = z.looseObject({
  recordedMs: z.number(),
  utilization: z.number(),
  lagMs: z.looseObject({ mean: lag, p50: lag, p90: lag, p99: lag, max: lag }),
  resources: z.record(z.string(), z.number()),
});

/** One page of a listing. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.looseObject({ items: z.array(item), cursor: z.string().optional() });
}
