import type { AttributeValue } from './span-record.ts';

/**
 * Mainstay's own attributes of spans, declared once, with what they say. Values are ids, kinds, states and numbers: never inputs, outputs,
 * answers or messages.
 */
export const spanAttributes = {
  'mainstay.tenant': 'tenant of the run or of the caller',
  'mainstay.correlation_id': 'follows the run through all log lines',
  'mainstay.pipeline.name': 'pipeline of the run',
  'mainstay.pipeline.version': 'its version',
  'mainstay.run.id': 'the run',
  'mainstay.run.status': 'how it ended',
  'mainstay.run.round': 'how often it had been retried after its end',
  'mainstay.trace.kept': 'why an unsampled trace was kept: `error` or `slow`',
  'mainstay.trace.omitted': 'spans of the run that were left out because there are too many',
  'mainstay.task': 'stage of the task',
  'mainstay.task.status': 'how the task ended',
  'mainstay.agent.kind': 'kind of the agent',
  'mainstay.attempt': 'number of the attempt, from 1',
  'mainstay.fence': 'number of the dispatch',
  'mainstay.outcome': 'how an attempt, a call or a decision ended',
  'mainstay.worker': 'name of the worker',
  'mainstay.call': 'name given to `ctx.call`',
  'mainstay.call.tries': 'tries of the call',
  'mainstay.decision.id': 'the decision',
  'mainstay.wait.for': 'what was waited for: `queue`, `slot`, `retry`, `loss`, `pause`, `shutdown`',
  'mainstay.link': 'what a link leads to: `previous attempt`, `previous round`, `run`',
} as const;

/** Names that OpenTelemetry's semantic conventions give. */
type StandardName = `${'http' | 'error' | 'gen_ai'}.${string}`;

/**
 * Attributes of our spans: a name that is not declared is an error. Names stand in full where an object is made: with computed ones V8 calls
 * its runtime for each, which was a sixth of the making of spans.
 */
export type OwnAttributes = { readonly [N in keyof typeof spanAttributes | StandardName]?: AttributeValue | undefined };
