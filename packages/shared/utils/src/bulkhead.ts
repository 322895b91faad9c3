import { MainstayError, OverloadError } from '@mainstay/types';
import type { AdaptiveLimit, MovingLimit } from './adaptive-limit.ts';
import type { OuterCall } from './bounded-call.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock, type TimerHandle } from './clock.ts';
import { remainingMs } from './deadline.ts';
import { FairQueue } from './fair-queue.ts';
import type { Priority } from './priority.ts';

export interface BulkheadOptions {
  /** For messages. Default `bulkhead`. */
  readonly name?: string;
  /** Calls at the same time, or a limit that moves: by itself, told how long each call took, or by somebody else. Default 50. */
  readonly concurrency?: number | MovingLimit | AdaptiveLimit;
  /**
   * Calls that may wait. When so many do, one of a lower priority or of a tenant with more of them gives way; if there is none, the
   * newcomer is refused. Default 1,000.
   */
  readonly maxWaiting?: number;
  /** Milliseconds that a call may wait; also no longer than the deadline of the work that calls. Default 10,000. */
  readonly queueTimeoutMs?: number;
  /** Turns in a row that a tenant gets while others wait: a whole number of at least 1. Default 1 for all. */
  readonly weightOf?: (tenant: string) => number;
  readonly clock?: Clock;
}

export interface BulkheadCall {
  /** Who shares the queue fairly. Default: one and the same. */
  readonly tenant?: string | undefined;
  /** Default `normal`. */
  readonly priority?: Priority | undefined;
  /** Ends the wait with its reason; work that has begun is not interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of a signal: the call that it is part of. Its signal is only asked for by a call that has to wait. */
  readonly within?: OuterCall | undefined;
}

/** Counts for metrics; the last three since the bulkhead was made. */
export interface BulkheadStats {
  readonly limit: number;
  readonly active: number;
  readonly waiting: number;
  /** Refused on arrival because the queue was full. */
  readonly refused: number;
  /** Gave way to a call of a higher priority, or of a tenant with fewer waiting. */
  readonly shed: number;
  readonly timedOut: number;
}

/** Keeps one kind of work from taking everything: bounds what runs at the same time, and shares the places fairly. */
export interface Bulkhead {
  /** Rejects with `OVERLOADED` without calling `fn` when there is no place and no room or time to wait for one. */
  run<T>(fn: () => Promise<T> | T, call?: BulkheadCall): Promise<T>;
  readonly stats: BulkheadStats;
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createBulkhead(options: BulkheadOptions = {}): Bulkhead {
  return new FairBulkhead(options);
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/** When to come again after a refusal: about the time in which a place comes free. */
const RETRY_AFTER_MS = 1_000;

class FairBulkhead implements Bulkhead {
  readonly #name: string;
  readonly #concurrency: number | MovingLimit;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #maxWaiting: number;
  readonly #queueTimeoutMs: number;
  readonly #clock: Clock;
  readonly #queue: FairQueue<Waiter>;
  #active = 0;
  #refused = 0;
  #shed = 0;
  #timedOut = 0;

  constructor(options: BulkheadOptions) {
    const { name = 'bulkhead', concurrency = 50, maxWaiting = 1_000, queueTimeoutMs = 10_000 } = options;
    if (typeof concurrency === 'number') checkNumber(name, 'concurrency', concurrency, { min: 1, integer: true });
    this.#name = name;
    this.#concurrency = concurrency;
    this.#maxWaiting = checkNumber(name, 'maxWaiting', maxWaiting, { min: 0, integer: true });
    this.#queueTimeoutMs = checkNumber(name, 'queueTimeoutMs', queueTimeoutMs, { min: 1 });
    this.#clock = options.clock ?? systemClock;
    this.#queue = new FairQueue(options.weightOf);
    this.#adaptive = typeof concurrency !== 'number' && isAdaptive(concurrency) ? concurrency : undefined;
    if (typeof concurrency === 'number') return;
    concurrency.onRise?.(() => {
      this.#fill();
    });
  }

  get stats(): BulkheadStats {
    return {
      limit: this.#limit,
      active: this.#active,
      waiting: this.#queue.size,
      refused: this.#refused,
      shed: this.#shed,
      timedOut: this.#timedOut,
    };
  }

  async run<T>(fn: () => Promise<T> | T, call: BulkheadCall = {}): Promise<T> {
    call.within?.throwIfAbandoned();
    call.signal?.throwIfAborted();
    if (this.#active < this.#limit && this.#queue.size === 0) this.#active += 1;
    else await this.#wait(call);
    const adaptive = this.#adaptive;
    if (adaptive !== undefined) return this.#measured(fn, adaptive);
    try {
      return await fn();
    } finally {
      this.#release();
    }
  }

  get #limit(): number {
    return typeof this.#concurrency === 'number' ? this.#concurrency : this.#concurrency.limit;
  }

  async #measured<T>(fn: () => Promise<T> | T, adaptive: AdaptiveLimit): Promise<T> {
    const inFlight = this.#active;
    const begun = this.#clock.monotonic();
    let dropped = false;
    try {
      return await fn();
    } catch (error) {
      dropped = isDrop(error);
      throw error;
    } finally {
      adaptive.sample({ latencyMs: this.#clock.monotonic() - begun, inFlight, dropped });
      this.#release();
    }
  }

  /** Resolves when the caller holds a place. */
  #wait({ tenant = '', priority = 'normal', within, signal = within?.signal }: BulkheadCall): Promise<void> {
    const waitMs = Math.min(this.#queueTimeoutMs, remainingMs());
    if (waitMs <= 0) return Promise.reject(this.#overloaded('there is no time left to wait'));
    if (this.#queue.size >= this.#maxWaiting && !this.#makeRoom(tenant, priority)) {
      this.#refused += 1;
      return Promise.reject(this.#overloaded(`${this.#active} calls run and ${this.#queue.size} wait already`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let timer: TimerHandle | undefined;
    const leave = () => {
      this.#queue.remove(waiter);
      this.#clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const waiter: Waiter = {
      admit: () => {
        leave();
        resolve(undefined);
      },
      refuse: (error) => {
        leave();
        reject(error);
      },
    };
    const onAbort = () => {
      waiter.refuse(signal?.reason);
    };
    if (waitMs !== Number.POSITIVE_INFINITY) {
      timer = this.#clock.setTimeout(() => {
        this.#timedOut += 1;
        waiter.refuse(this.#overloaded(`no place came free within ${Math.round(waitMs)} ms`));
      }, waitMs);
    }
    signal?.addEventListener('abort', onAbort);
    this.#queue.add(waiter, tenant, priority);
    // the limit may have grown without telling
    this.#fill();
    return promise;
  }

  #makeRoom(tenant: string, priority: Priority): boolean {
    const victim = this.#queue.giveWay(tenant, priority);
    if (victim === undefined) return false;
    this.#shed += 1;
    victim.refuse(this.#overloaded('a call of a higher priority, or of a tenant with fewer, needed the place in the queue'));
    return true;
  }

  #release(): void {
    this.#active -= 1;
    if (this.#queue.size > 0) this.#fill();
  }

  #fill(): void {
    while (this.#active < this.#limit) {
      const waiter = this.#queue.take();
      if (waiter === undefined) return;
      this.#active += 1;
      waiter.admit();
    }
  }

  #overloaded(why: string): OverloadError {
    return new OverloadError('OVERLOADED', `${this.#name}: ${why}`, {
      details: { bulkhead: this.#name, active: this.#active, waiting: this.#queue.size },
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
}

function isAdaptive(limit: MovingLimit): limit is AdaptiveLimit {
  return 'sample' in limit;
}

function isDrop(error: unknown): boolean {
  return error instanceof MainstayError && (error.category === 'timeout' || error.category === 'overload');
}
