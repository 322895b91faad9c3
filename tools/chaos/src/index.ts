export type { ChaosReport } from './report/chaos-report.ts';
export { runChaos } from './run-chaos.ts';
export { type ChaosOptions, readOptions } from './options.ts';
