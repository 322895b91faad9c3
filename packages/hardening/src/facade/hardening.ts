import { classifyError, OverloadError } from '@mainstay/types';
import {
  type Breaker,
  type Bulkhead,
  checkNumber,
  type Clock,
  createBulkhead,
  type Priority,
  type RetryAttempt,
  systemClock,
  type TimerHandle,
} from '@mainstay/utils';
import { createEmergency, type Emergency } from '../emergency/emergency.ts';
import { emergencyLimits } from '../emergency/emergency-rule.ts';
import { createErrorTracker, type ErrorTracker } from '../errors/error-tracker.ts';
import { ownComponents } from '../health/components.ts';
import { type HealthScore, healthScore } from '../health/health-score.ts';
import { type Profile, type ProfileName, profileOf } from '../profiles/profiles.ts';
import { collectGarbage } from '../resources/collect-garbage.ts';
import {
  enforce,
  type EnforcementDecision,
  enforcementLimits,
  type EnforcementLimits,
  initialEnforcement,
} from '../resources/enforcement.ts';
import { type HeapWatch, watchHeap } from '../resources/heap-watch.ts';
import type { LeakEvidence } from '../resources/leak-detector.ts';
import type { ResourceSample } from '../resources/resource-sample.ts';
import { createResourceSampler, type ResourceSampler } from '../resources/resource-sampler.ts';
import { Admission } from './admission.ts';
import { DecidedLimit } from './decided-limit.ts';
import type { HardeningOptions, OperationAttempt, OperationContext, OperationOptions } from './hardening-options.ts';
import { ownActions } from './own-actions.ts';
import { OperationStats } from './operation-stats.ts';
import { Policies } from './policies.ts';

/** Health of the process, and what it rests upon. */
export interface HardeningHealth extends HealthScore {
  readonly profile: ProfileName;
  readonly sample: ResourceSample;
  readonly decision: EnforcementDecision;
  readonly emergency: boolean;
  /** What speaks for a memory leak, if anything does. */
  readonly leak?: LeakEvidence;
  readonly breakers: readonly { readonly name: string; readonly state: Breaker['state'] }[];
}

/** Everything that hardens a process, set up for a profile. */
export interface Hardening {
  readonly profile: Profile;
  readonly emergency: Emergency;
  readonly errors: ErrorTracker;
  readonly bulkhead: Bulkhead;
  /**
   * Runs an operation under its profile: shed when resources are short, in a bulkhead of its own within that of all, behind the breaker of
   * its name, with a limit of time, tried again where that is safe. What fails is filed. Rejects with the work's own error, or with
   * `OVERLOADED`, `EMERGENCY`, `CIRCUIT_OPEN`, `OPERATION_TIMEOUT`, `SHUTTING_DOWN`.
   */
  execute<T>(name: string, fn: (attempt: OperationAttempt) => Promise<T> | T, options?: OperationOptions): Promise<T>;
  /**
   * Throws what `execute` would reject with if work of that priority had to be refused now: for work that is not run here.
   * @throws OverloadError `OVERLOADED`, `EMERGENCY`, `SHUTTING_DOWN`.
   */
  admit(name: string, priority?: Priority): void;
  health(): HardeningHealth;
  /** Looks at the process now, and acts on it; else done every `sampleEveryMs`. */
  look(): void;
  /** Takes nothing on any more, hands over errors, gives up timers and watchers. What runs goes on. */
  close(): Promise<void>;
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createHardening(options: ProfileName | HardeningOptions): Hardening {
  return new ProcessHardening(typeof options === 'string' ? { profile: options } : options);
}

/** Of the places, for one operation. */
const MAX_SHARE = 0.8;
const NO_CONTEXT = {};
/** Refusals say nothing of the operation. */
const UNFILED: ReadonlySet<string> = new Set(['CANCELLED', 'EMERGENCY', 'OVERLOADED']);

/** What the work gets of a try; the signal comes into being when it is asked for. */
class Attempt implements OperationAttempt {
  readonly context: OperationContext;
  readonly #call: RetryAttempt;

  constructor(call: RetryAttempt, context: OperationContext) {
    this.#call = call;
    this.context = context;
  }

  get number(): number {
    return this.#call.number;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }
}

class ProcessHardening implements Hardening {
  readonly profile: Profile;
  readonly emergency: Emergency;
  readonly errors: ErrorTracker;
  readonly bulkhead: Bulkhead;
  readonly #options: HardeningOptions;
  readonly #clock: Clock;
  readonly #limits: EnforcementLimits;
  readonly #concurrency: DecidedLimit;
  readonly #policies: Policies;
  readonly #admission = new Admission();
  readonly #stats = new OperationStats();
  readonly #sampler: ResourceSampler;
  readonly #heap: HeapWatch;
  #state = initialEnforcement;
  #decision: EnforcementDecision;
  #sample: ResourceSample;
  #timer: TimerHandle | undefined;
  #closed = false;

  constructor(options: HardeningOptions) {
    const { clock = systemClock, root } = options;
    this.#options = options;
    this.#clock = clock;
    this.profile = profileOf(options.profile);
    const { maxConcurrent, memoryLimitBytes } = this.profile;
    this.#limits = { ...enforcementLimits(this.profile), ...options.limits };
    this.#sampler = options.sampler ?? createResourceSampler({ memoryLimitBytes, ...(root === undefined ? {} : { root }) });
    this.#heap = watchHeap({ clock, limitBytes: memoryLimitBytes });
    this.#sample = this.#sampler.sample();
    this.#decision = { concurrency: this.#limits.maxConcurrent, leastPriority: 'low', collect: false, reasons: [] };
    this.#concurrency = new DecidedLimit(this.#limits.maxConcurrent);
    const maxWaiting = options.maxWaiting ?? 10 * maxConcurrent;
    this.bulkhead = createBulkhead({ name: 'operations', concurrency: this.#concurrency, maxWaiting, clock });
    const share = checkNumber('hardening', 'maxShare', options.maxShare ?? MAX_SHARE, { min: Number.EPSILON, max: 1 });
    const places = Math.ceil(share * this.#limits.maxConcurrent);
    const retry = { totalTimeoutMs: this.profile.timeouts.requestMs, ...options.retry };
    const { breaker = {} } = options;
    this.#policies = new Policies({ bulkhead: this.bulkhead, places, maxWaiting, breaker, retry, clock, maxNames: 1_000 });
    this.errors = createErrorTracker({ ...options.errors, clock });
    this.emergency = createEmergency({
      ...options.emergency,
      limits: { ...emergencyLimits(this.profile), ...options.emergencyLimits },
      process: options.process ?? 'process',
      actions: ownActions(this.#admission, options.emergency?.actions ?? {}),
      clock,
    });
    if (options.watchUnhandled ?? true) process.on('uncaughtExceptionMonitor', this.#onUnhandled);
    this.look();
    this.#later();
  }

  async execute<T>(name: string, fn: (attempt: OperationAttempt) => Promise<T> | T, options: OperationOptions = {}): Promise<T> {
    const { priority = 'normal', resources, signal } = options;
    const memoryBytes = resources?.memoryBytes ?? 0;
    this.#admit(name, priority, memoryBytes);
    const begun = this.#clock.monotonic();
    let failed = false;
    try {
      if (memoryBytes === 0 && priority !== 'low') return await this.#run(name, fn, options, signal);
      return await this.#admission.holding(memoryBytes, () =>
        priority === 'low'
          ? this.#admission.cancellable(signal, (own) => this.#run(name, fn, options, own))
          : this.#run(name, fn, options, signal),
      );
    } catch (error) {
      failed = this.#file(name, error, options);
      throw error;
    } finally {
      const now = this.#clock.monotonic();
      this.#stats.ended(now, now - begun, failed);
    }
  }

  admit(name: string, priority: Priority = 'normal'): void {
    this.#admit(name, priority, 0);
  }

  health(): HardeningHealth {
    const leak = this.#heap.leak();
    return {
      ...this.#score(),
      profile: this.profile.name,
      sample: this.#sample,
      decision: this.#decision,
      emergency: this.emergency.active,
      ...(leak === undefined ? {} : { leak }),
      breakers: this.#policies.breakers.map(({ name, state }) => ({ name, state })),
    };
  }

  look(): void {
    this.#sample = this.#sampler.sample();
    const { state, decision } = enforce(this.#state, this.#sample, this.#limits);
    const before = this.#decision;
    this.#state = state;
    this.#decision = decision;
    if (decision.collect) collectGarbage();
    this.emergency.observe({ memoryShare: this.#sample.memoryShare, healthScore: this.#score().score });
    this.#admission.leastPriority = decision.leastPriority;
    this.#admission.emergency = this.emergency.active;
    this.#admission.memoryBytes = this.#sample.memoryLimitBytes;
    const changed = before.concurrency !== decision.concurrency || before.leastPriority !== decision.leastPriority;
    this.#concurrency.set(decision.concurrency);
    if (changed) this.#options.onDecision?.(decision);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    process.off('uncaughtExceptionMonitor', this.#onUnhandled);
    this.#heap[Symbol.dispose]();
    if (this.#options.sampler === undefined) this.#sampler[Symbol.dispose]();
    this.#policies.close();
    await this.emergency.settled();
    await this.errors.flush();
  }

  #admit(name: string, priority: NonNullable<OperationOptions['priority']>, memoryBytes: number): void {
    if (this.#closed) throw new OverloadError('SHUTTING_DOWN', `${name}: the process is shutting down`);
    // a person may have declared the emergency since the last look
    this.#admission.emergency = this.emergency.active;
    try {
      this.#admission.check(name, priority, memoryBytes);
    } catch (error) {
      this.#stats.refused(this.#clock.monotonic());
      throw error;
    }
  }

  #run<T>(
    name: string,
    fn: (attempt: OperationAttempt) => Promise<T> | T,
    { timeoutMs = this.profile.timeouts.operationMs, idempotent = false, priority, context = NO_CONTEXT }: OperationOptions,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const policy = this.#policies.for(name, { timeoutMs, idempotent });
    return policy.execute((attempt) => fn(new Attempt(attempt, context)), {
      tenant: 'tenant' in context ? context.tenant : undefined,
      priority,
      signal,
    });
  }

  /** Whether the error speaks against the operation: neither a cancellation nor a refusal. */
  #file(name: string, error: unknown, { context = {} }: OperationOptions): boolean {
    const known = classifyError(error, 0);
    if (known?.code === 'OVERLOADED' || known?.code === 'CIRCUIT_OPEN') this.#stats.refused(this.#clock.monotonic());
    if (known !== undefined && (known.disposition === 'cancelled' || UNFILED.has(known.code))) return false;
    const { run, tenant } = context;
    this.errors.record(error, {
      ...(run === undefined ? {} : { run }),
      tags: { operation: name, ...(tenant === undefined ? {} : { tenant }) },
    });
    return true;
  }

  #score(): HealthScore {
    const facts = this.#stats.facts(this.#clock.monotonic());
    return healthScore([...ownComponents(this.profile, this.#sample, facts), ...(this.#options.components?.() ?? [])]);
  }

  #later(): void {
    const { sampleEveryMs = 1_000 } = this.#options;
    if (sampleEveryMs === 0) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.look();
      if (!this.#closed) this.#later();
    }, sampleEveryMs);
    this.#timer.unref();
  }

  readonly #onUnhandled = (error: unknown): void => {
    this.errors.record(error, { tags: { operation: 'unhandled' } });
    this.emergency.unhandled();
  };
}
