import { MainstayError } from '@mainstay/types';
import {
  type Breaker,
  type BreakerOptions,
  type Bulkhead,
  type Clock,
  createBreaker,
  createPolicy,
  createRetryBudgets,
  dispositionOf,
  type Policy,
  type RetryOptions,
} from '@mainstay/utils';
import { createCompartment } from './compartment.ts';

export interface PolicyKind {
  readonly timeoutMs: number;
  readonly idempotent: boolean;
}

export interface PoliciesOptions {
  /** Of all operations. */
  readonly bulkhead: Bulkhead;
  /** Of one operation within it. */
  readonly places: number;
  readonly maxWaiting: number;
  readonly breaker: Omit<BreakerOptions, 'clock'>;
  readonly retry: Omit<RetryOptions, 'attemptTimeoutMs' | 'name' | 'signal' | 'idempotent' | 'budget'>;
  readonly clock: Clock;
  /** Operations known by name; the one unused for longest goes. */
  readonly maxNames: number;
}

interface Named {
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead;
  /** By limit of time; of what may be done twice, by the negative one. */
  readonly policies: Map<number, Policy>;
}

/** Limits of time that one operation has at the same time; callers that make up a new one for each call share nothing. */
const MAX_KINDS = 8;

/** What stands between callers and each operation, by its name: one breaker, one retry budget, places of its own, a policy for each limit of time. */
export class Policies {
  readonly #options: PoliciesOptions;
  readonly #budgets;
  readonly #named = new Map<string, Named>();

  constructor(options: PoliciesOptions) {
    this.#options = options;
    this.#budgets = createRetryBudgets({ clock: options.clock });
  }

  get breakers(): readonly Breaker[] {
    return [...this.#named.values()].map(({ breaker }) => breaker);
  }

  for(name: string, { timeoutMs, idempotent }: PolicyKind): Policy {
    const { breaker, bulkhead, policies } = this.#named.get(name) ?? this.#begin(name);
    const key = idempotent ? -timeoutMs : timeoutMs;
    const known = policies.get(key);
    if (known !== undefined) return known;
    const { clock } = this.#options;
    const retry = { shouldRetry: worthRetrying, ...this.#options.retry };
    const budget = this.#budgets.for(name);
    const policy = createPolicy(name, { timeoutMs, breaker, bulkhead, retry: { ...retry, idempotent, budget, clock } });
    if (policies.size < MAX_KINDS) policies.set(key, policy);
    return policy;
  }

  close(): void {
    for (const { breaker } of this.#named.values()) breaker.close();
    this.#named.clear();
  }

  #begin(name: string): Named {
    const { bulkhead: common, places: concurrency, maxWaiting, breaker, clock } = this.#options;
    const named = {
      breaker: createBreaker(name, { ...breaker, clock }),
      bulkhead: createCompartment(common, { name, concurrency, maxWaiting, clock }),
      policies: new Map<number, Policy>(),
    };
    this.#named.set(name, named);
    if (this.#named.size > this.#options.maxNames) this.#forgetOne();
    return named;
  }

  /** A breaker that is not closed is kept: it knows that its dependency is down. */
  #forgetOne(): void {
    const [first] = this.#named.keys();
    const idle = [...this.#named].find(([, { breaker }]) => breaker.state === 'closed')?.[0] ?? first;
    if (idle !== undefined) this.#named.delete(idle);
  }
}

/** What was refused here is told at once: waiting for the own breaker or bulkhead would only move the queue. */
function worthRetrying(error: unknown): boolean {
  const refused = error instanceof MainstayError && (error.code === 'CIRCUIT_OPEN' || 'bulkhead' in error.details);
  return !refused && dispositionOf(error) === 'retryable';
}
