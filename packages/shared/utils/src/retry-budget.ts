import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';

export interface RetryBudgetOptions {
  /** Retries per call: 0.1 lets one in ten calls be retried once. Default 0.1. */
  readonly ratio?: number;
  /** Retries per second that are allowed on top, so that callers with little to do can retry at all. Default 1. */
  readonly perSecond?: number;
  /** Retries that may be saved up; the bucket is full at first. Default 10. */
  readonly burst?: number;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/**
 * Bounds the retries of all callers of one dependency together, so that their retries do not keep it down. A token bucket: every call
 * pays in a fraction of a retry, every retry takes a whole one.
 */
export interface RetryBudget {
  /** Pays in for a call. */
  deposit(): void;
  /** Takes a retry out; false: there is none left, give up. */
  withdraw(): boolean;
  /** Retries that may be made now. */
  readonly balance: number;
}

export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  return new TokenBucket(options);
}

class TokenBucket implements RetryBudget {
  readonly #ratio: number;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #tokens: number;
  #filledAt: number;

  constructor({ ratio = 0.1, perSecond = 1, burst = 10, clock = systemClock }: RetryBudgetOptions) {
    this.#ratio = checkNumber('retry budget', 'ratio', ratio, { min: 0, max: 10 });
    this.#perMs = checkNumber('retry budget', 'perSecond', perSecond, { min: 0, max: 1e6 }) / 1_000;
    this.#burst = checkNumber('retry budget', 'burst', burst, { min: 1, max: 1e9 });
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.monotonic();
  }

  deposit(): void {
    const tokens = this.#tokens + this.#ratio;
    this.#tokens = tokens < this.#burst ? tokens : this.#burst;
  }

  withdraw(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  get balance(): number {
    this.#fill();
    return Math.floor(this.#tokens);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}

/** Budgets by the dependency's name, made when they are first asked for. */
export interface RetryBudgets {
  for(dependency: string): RetryBudget;
  readonly size: number;
}

/** Names beyond these push out the one that was unused for longest. */
const MAX_BUDGETS = 1_024;

export function createRetryBudgets(options: RetryBudgetOptions = {}): RetryBudgets {
  const budgets = new Map<string, RetryBudget>();
  return {
    for(dependency) {
      const budget = budgets.get(dependency) ?? createRetryBudget(options);
      budgets.delete(dependency);
      budgets.set(dependency, budget);
      const [oldest] = budgets.keys();
      if (budgets.size > MAX_BUDGETS && oldest !== undefined) budgets.delete(oldest);
      return budget;
    },
    get size() {
      return budgets.size;
    },
  };
}
