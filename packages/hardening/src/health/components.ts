import type { Profile } from '../profiles/profiles.ts';
import type { ResourceSample } from '../resources/resource-sample.ts';
import { decline, type HealthComponent } from './health-score.ts';

/** How operations went lately. */
export interface OperationFacts {
  readonly operations: number;
  readonly failed: number;
  /** 95th percentile of how long they took. */
  readonly p95Ms: number;
  /** Calls that were refused because there was no room. */
  readonly refused: number;
}

/** The components that a process knows of itself: memory, CPU, event loop, errors, response times, refusals. */
export function ownComponents(profile: Profile, sample: ResourceSample, facts: OperationFacts): HealthComponent[] {
  const { baseline, cpuLimitPercent, emergency } = profile;
  const attempted = Math.max(1, facts.operations);
  return [
    // beyond the emergency's share nothing else that is well makes up for it
    { name: 'memory', value: decline(sample.memoryShare, 0.7, 1), weight: 3, vital: sample.memoryShare > emergency.memoryShare },
    { name: 'cpu', value: decline(sample.cpuShare, cpuLimitPercent / 100, 1.2), weight: 1 },
    { name: 'event-loop', value: decline(sample.loopLagMs, 50, 1_000), weight: 2 },
    { name: 'errors', value: decline((100 * facts.failed) / attempted, baseline.errorPercent, 50), weight: 3 },
    { name: 'response-time', value: decline(facts.p95Ms, baseline.responseMs, 10 * baseline.responseMs), weight: 1 },
    { name: 'room', value: decline(facts.refused / (attempted + facts.refused), 0.01, 0.9), weight: 1 },
  ];
}
