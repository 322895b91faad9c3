export type { Component, StepFailure, StepName } from './component.ts';
export * from './health.ts';
export type { CheckResult, CheckStatus, HealthCheck } from './health-check.ts';
export * from './install-signals.ts';
export * from './lifecycle.ts';
export type { LifecycleLogger } from './logger.ts';
export * from './run-program.ts';
export { watchParent } from './watch-parent.ts';
