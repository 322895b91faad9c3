export { createClient, type Client } from './client.ts';
export type { ClientOptions } from './client-options.ts';
export type { DecisionAnswer, Run, RunEnd, RunEvent, RunRequest, RunResult, SubmittedRun, Task } from './model.ts';
export type { EventsOptions } from './run-events.ts';
