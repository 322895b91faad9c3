export * from './context.ts';
export * from './logger.ts';
export * from './metric-names.ts';
export * from './metrics.ts';
export { REDACTED, redact, redactText } from './redact.ts';
export * from './traceparent.ts';
