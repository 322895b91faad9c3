import type { Priority } from '@mainstay/utils';
import type { Profile } from '../profiles/profiles.ts';
import type { ResourceSample } from './resource-sample.ts';

/** Numbers of the decision; shares are of 1. */
export interface EnforcementLimits {
  readonly maxConcurrent: number;
  readonly cpuShare: number;
  /** A p99 delay of the event loop above this counts as too much CPU. Milliseconds. */
  readonly loopLagMs: number;
  /** From here on fewer operations run. */
  readonly memoryHighShare: number;
  /** From here on work of low priority is refused. */
  readonly memoryShedShare: number;
  /** From here on only work of high priority is taken. */
  readonly memoryEmergencyShare: number;
  /** A limit that was passed holds until use is this much below it. */
  readonly hysteresis: number;
  /** Never fewer operations than this share of the maximum, and never fewer than one. */
  readonly floor: number;
  /** At least so long between two triggers of the garbage collector. Milliseconds. */
  readonly collectEveryMs: number;
}

/** The limits of a profile. */
export function enforcementLimits(profile: Profile): EnforcementLimits {
  return {
    maxConcurrent: profile.maxConcurrent,
    cpuShare: profile.cpuLimitPercent / 100,
    loopLagMs: 200,
    memoryHighShare: 0.8,
    memoryShedShare: 0.9,
    memoryEmergencyShare: profile.emergency.memoryShare,
    hysteresis: 0.05,
    floor: 0.1,
    collectEveryMs: 30_000,
  };
}

/** What is remembered from sample to sample. */
export interface EnforcementState {
  /** Share of the maximum that may run at the same time. */
  readonly factor: number;
  /** What memory lets in: 0 all, 1 not the low, 2 only the high. */
  readonly shed: 0 | 1 | 2;
  readonly collectedAtMs: number;
}

export type Reason = 'memory' | 'cpu' | 'event-loop';

export interface EnforcementDecision {
  /** Operations that may run at the same time. */
  readonly concurrency: number;
  /** Work of less priority than this is refused. */
  readonly leastPriority: Priority;
  /** Ask for a garbage collection now. */
  readonly collect: boolean;
  /** What is above its limit. */
  readonly reasons: readonly Reason[];
}

export interface Enforcement {
  readonly state: EnforcementState;
  readonly decision: EnforcementDecision;
}

/** Nothing is held back. */
export const initialEnforcement: EnforcementState = { factor: 1, shed: 0, collectedAtMs: Number.NEGATIVE_INFINITY };

/** Each sample above a limit takes this share of what may run; each one below gives a fixed step back. */
const DECREASE = 0.7;
const INCREASE = 0.05;
/** Priority of what is still taken, by the state's `shed`. */
const LEAST = ['low', 'normal', 'high'] as const satisfies readonly Priority[];

/**
 * The pure step from a sample to what is allowed: additive increase, multiplicative decrease of concurrency while memory, CPU
 * or the event loop is above its limit, so that load falls within seconds and comes back slowly; work is shed by priority when
 * memory runs out; CPU that stays above its limit at the floor sheds the low as well.
 */
export function enforce(state: EnforcementState, sample: ResourceSample, limits: EnforcementLimits): Enforcement {
  const reasons = reasonsOf(sample, limits);
  const factor = nextFactor(state.factor, reasons.length > 0, limits.floor);
  const shed = shedByMemory(state.shed, sample.memoryShare, limits);
  const atFloor = reasons.length > 0 && state.factor <= limits.floor;
  const collect = sample.memoryShare >= limits.memoryHighShare && sample.atMs - state.collectedAtMs >= limits.collectEveryMs;
  const concurrency = Math.max(1, Math.floor(limits.maxConcurrent * factor));
  return {
    state: { factor, shed, collectedAtMs: collect ? sample.atMs : state.collectedAtMs },
    decision: { concurrency, leastPriority: LEAST[shed === 0 && atFloor ? 1 : shed], collect, reasons },
  };
}

function reasonsOf(sample: ResourceSample, limits: EnforcementLimits): Reason[] {
  return [
    ...(sample.memoryShare > limits.memoryHighShare ? (['memory'] as const) : []),
    ...(sample.cpuShare > limits.cpuShare ? (['cpu'] as const) : []),
    ...(sample.loopLagMs > limits.loopLagMs ? (['event-loop'] as const) : []),
  ];
}

function nextFactor(factor: number, above: boolean, floor: number): number {
  return above ? Math.max(floor, factor * DECREASE) : Math.min(1, factor + INCREASE);
}

function shedByMemory(shed: 0 | 1 | 2, memoryShare: number, limits: EnforcementLimits): 0 | 1 | 2 {
  const { memoryEmergencyShare: emergency, memoryShedShare: high, hysteresis } = limits;
  if (memoryShare > emergency || (shed === 2 && memoryShare > emergency - hysteresis)) return 2;
  return memoryShare > high || (shed > 0 && memoryShare > high - hysteresis) ? 1 : 0;
}
