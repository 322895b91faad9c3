// What a process needs that hosts the engine over ports of its own: a simulation, a test bench.

export { createEngine } from './engine/create-engine.ts';
export type { Submission, Submitted, UserInput } from './engine/engine.ts';
export { type EngineConfig, engineDefaults, type EngineOptions } from './engine/engine-options.ts';
export type { HostedEngine } from './engine/hosted-engine.ts';
export * from './pipeline/index.ts';
export { createMemoryStore } from './store/memory/memory-store.ts';
export type { AttemptRow, Creation, DeadLetterRow, DecisionRow, DispatchMark, NewRun, RunSummary, Store } from './store/store.ts';
