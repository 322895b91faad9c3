export { compare, emptyRun, type Evidence, follow, type RunModel, type TaskModel } from './rules/run-model.ts';
export { type Fault, type FaultKind, type Plan, planOf } from './core/plan.ts';
export { simulate, type SimulationOptions, type SimulationResult, type Violation } from './simulate.ts';
