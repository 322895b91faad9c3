export * from './emergency/emergency.ts';
export {
  type ActionHandler,
  type ActionHandlers,
  type ActionResult,
  EMERGENCY_ACTIONS,
  type EmergencyAction,
} from './emergency/emergency-actions.ts';
export * from './emergency/emergency-journal.ts';
export * from './emergency/emergency-rule.ts';
export * from './errors/error-group.ts';
export * from './errors/error-tracker.ts';
export { fingerprintOf, messagePattern } from './errors/fingerprint.ts';
export { parseDsn, type SentryTarget } from './errors/sentry-dsn.ts';
export * from './errors/sentry-exporter.ts';
export * from './health/components.ts';
export * from './health/health-score.ts';
export type { HardeningSettings } from './profiles/hardening-settings.ts';
export * from './profiles/profiles.ts';
export * from './profiles/unsafe-settings.ts';
export { type CgroupLimits, readCgroup } from './resources/cgroup.ts';
export { collectGarbage } from './resources/collect-garbage.ts';
export * from './resources/enforcement.ts';
export { type HeapWatch, type HeapWatchOptions, watchHeap } from './resources/heap-watch.ts';
export { detectLeak, type HeapPoint, type LeakEvidence, type LeakOptions } from './resources/leak-detector.ts';
export type { ResourceSample } from './resources/resource-sample.ts';
export * from './resources/resource-sampler.ts';
export * from './threads/thread-pool.ts';
export * from './facade/hardening.ts';
export * from './facade/hardening-options.ts';
export * from './facade/process-journal.ts';
export * from './facade/process-profile.ts';
