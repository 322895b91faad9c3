export { defaultAgents, faultAgents, selectAgents } from './agent-catalogue.ts';
export { composeWorker, type WorkerProcess } from './compose.ts';
