export { defaultAgents, faultAgents, selectAgents } from './agent-catalogue.ts';
export { composeWorker, type WorkerParts, type WorkerProcess } from './compose.ts';
