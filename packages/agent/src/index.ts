export { agentOffer } from './agent-offer.ts';
export { BaseAgent } from './base-agent.ts';
export type { AskOptions, CallOptions, CallSpan, EmittedEvent, LogWrite, TaskContext, TaskLog } from './task-context.ts';
export { createWorker, type Worker } from './worker/worker.ts';
export type { AttemptEnd, WorkerLogger, WorkerMetrics, WorkerOptions } from './worker/worker-options.ts';
