/**
 * Names of Mainstay's own attributes, declared once. Standard ones have their names from the semantic conventions of OpenTelemetry.
 * Values are ids, kinds, states and numbers: never inputs, outputs, answers or messages.
 */
export const spanAttributes = {
  tenant: { name: 'mainstay.tenant', says: 'tenant of the run or of the caller' },
  correlationId: { name: 'mainstay.correlation_id', says: 'follows the run through all log lines' },
  pipeline: { name: 'mainstay.pipeline.name', says: 'pipeline of the run' },
  version: { name: 'mainstay.pipeline.version', says: 'its version' },
  run: { name: 'mainstay.run.id', says: 'the run' },
  runStatus: { name: 'mainstay.run.status', says: 'how it ended' },
  round: { name: 'mainstay.run.round', says: 'how often it had been retried after its end' },
  kept: { name: 'mainstay.trace.kept', says: 'why an unsampled trace was kept: `error` or `slow`' },
  omitted: { name: 'mainstay.trace.omitted', says: 'spans of the run that were left out because there are too many' },
  task: { name: 'mainstay.task', says: 'stage of the task' },
  taskStatus: { name: 'mainstay.task.status', says: 'how the task ended' },
  agent: { name: 'mainstay.agent.kind', says: 'kind of the agent' },
  attempt: { name: 'mainstay.attempt', says: 'number of the attempt, from 1' },
  fence: { name: 'mainstay.fence', says: 'number of the dispatch' },
  outcome: { name: 'mainstay.outcome', says: 'how an attempt, a call or a decision ended' },
  worker: { name: 'mainstay.worker', says: 'name of the worker' },
  call: { name: 'mainstay.call', says: 'name given to `ctx.call`' },
  tries: { name: 'mainstay.call.tries', says: 'tries of the call' },
  decision: { name: 'mainstay.decision.id', says: 'the decision' },
  waitFor: { name: 'mainstay.wait.for', says: 'what was waited for: `queue`, `slot`, `retry`, `loss`, `pause`, `shutdown`' },
  link: { name: 'mainstay.link', says: 'what a link leads to: `previous attempt`, `previous round`, `run`' },
} as const;

type Names = { readonly [K in keyof typeof spanAttributes]: (typeof spanAttributes)[K]['name'] };

/** The names alone, by key. */
export const ATTR = Object.freeze(
  Object.fromEntries(Object.entries(spanAttributes).map(([key, { name }]) => [key, name])),
) as unknown as Names;
