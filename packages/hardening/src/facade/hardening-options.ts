import type { BreakerOptions, Clock, Priority, RetryOptions } from '@mainstay/utils';
import type { ActionHandlers } from '../emergency/emergency-actions.ts';
import type { EmergencyOptions } from '../emergency/emergency.ts';
import type { EmergencyLimits } from '../emergency/emergency-rule.ts';
import type { TrackerOptions } from '../errors/error-tracker.ts';
import type { HealthComponent } from '../health/health-score.ts';
import type { Profile, ProfileName } from '../profiles/profiles.ts';
import type { EnforcementDecision, EnforcementLimits } from '../resources/enforcement.ts';
import type { ResourceSampler } from '../resources/resource-sampler.ts';

export interface HardeningOptions {
  readonly profile: ProfileName | Profile;
  /** Name of this process in records. Default `process`. */
  readonly process?: string;
  /** Time between two looks at the process. Default 1,000; 0: only when `look` is called. */
  readonly sampleEveryMs?: number;
  /** What else counts for health, such as dependencies; asked with every look, so it must be cheap. */
  readonly components?: () => readonly HealthComponent[];
  /** Changes to the profile's limits. */
  readonly limits?: Partial<EnforcementLimits>;
  readonly emergencyLimits?: Partial<EmergencyLimits>;
  /** Ports of emergency mode; its actions are done after the own ones of the same name. */
  readonly emergency?: Omit<EmergencyOptions, 'limits' | 'process' | 'clock' | 'actions'> & { readonly actions?: ActionHandlers };
  /** Of all operations. Attempts and waits together have the two minutes of a request unless it says otherwise. */
  readonly retry?: Omit<RetryOptions, 'attemptTimeoutMs' | 'name' | 'signal' | 'idempotent' | 'budget' | 'clock'>;
  /** Operations that may wait for a place. Default: ten times the profile's concurrency. */
  readonly maxWaiting?: number;
  /**
   * Share of the profile's places that one operation may hold, so that a dependency that hangs leaves the others theirs. Above 0, at most 1.
   * Default 0.8.
   */
  readonly maxShare?: number;
  /** Of each operation's own breaker. */
  readonly breaker?: Omit<BreakerOptions, 'clock'>;
  readonly errors?: Omit<TrackerOptions, 'clock'>;
  /** Told when what is allowed changes. */
  readonly onDecision?: (decision: EnforcementDecision) => void;
  /** Counts exceptions that nobody handles; they end the process as ever. Default true. */
  readonly watchUnhandled?: boolean;
  /** Folder under which `proc` and `sys` are found. Default `/`. */
  readonly root?: string;
  /** Instead of one that looks at this process. Not disposed of by `close`. */
  readonly sampler?: ResourceSampler;
  readonly clock?: Clock;
}

/** What is said of one operation. */
export interface OperationOptions {
  /** Default `normal`. */
  readonly priority?: Priority;
  /** Of one attempt. Default: the profile's 10,000. */
  readonly timeoutMs?: number;
  /** True: it may be done twice, so it is tried again when that may help. Default false: only if it was surely not begun. */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** What it is going to need. It is refused when that does not fit beside what others have asked for. */
  readonly resources?: { readonly memoryBytes?: number };
  /** On whose behalf; errors are filed with it. */
  readonly context?: OperationContext;
}

export interface OperationContext {
  /** Shares waiting places fairly with others. */
  readonly tenant?: string;
  /** Id of the run that an error affects. */
  readonly run?: string;
  readonly [fact: string]: string | undefined;
}

/** What the work of an operation gets. */
export interface OperationAttempt {
  /** From 1. */
  readonly number: number;
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}
