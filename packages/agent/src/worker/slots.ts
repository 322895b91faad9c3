import type { BaseAgent } from '../base-agent.ts';
import { Waiters } from './waiters.ts';

/** What may be read now. */
export interface ReadPlan {
  readonly kinds: readonly string[];
  readonly max: number;
  /** True when kinds are missing because they are at their own limit. */
  readonly partial: boolean;
}

interface KindSlots {
  readonly limit: number;
  used: number;
}

/** Counts what runs against the worker's capacity and the agents' own limits. */
export class Slots {
  readonly #most: number;
  #capacity: number;
  readonly #kinds: ReadonlyMap<string, KindSlots>;
  readonly #released = new Waiters();
  #total = 0;

  constructor(capacity: number, agents: readonly BaseAgent[]) {
    this.#most = capacity;
    this.#capacity = capacity;
    this.#kinds = new Map(agents.map(({ kind, concurrency }) => [kind, { limit: Math.min(capacity, concurrency ?? capacity), used: 0 }]));
  }

  get used(): number {
    return this.#total;
  }

  /** Lowers or raises the capacity to so many, never above the worker's own. What runs goes on. */
  limit(capacity: number): void {
    const before = this.#capacity;
    this.#capacity = Math.max(1, Math.min(this.#most, Math.floor(capacity)));
    if (this.#capacity > before) this.#released.wake();
  }

  take(kind: string): void {
    this.#count(kind, 1);
  }

  release(kind: string): void {
    this.#count(kind, -1);
    this.#released.wake();
  }

  /**
   * Kinds with room and how many tasks of any mixture of them fit. A kind with little room would make the whole read
   * small, so `roomy` leaves out those that have less room than the worker.
   */
  plan(roomy: boolean): ReadPlan | undefined {
    const free = this.#capacity - this.#total;
    if (free <= 0) return undefined;
    const kinds: string[] = [];
    let max = free;
    for (const [kind, { limit, used }] of this.#kinds) {
      const room = limit - used;
      if (room <= 0 || (roomy && room < free)) continue;
      kinds.push(kind);
      max = Math.min(max, room);
    }
    return kinds.length === 0 ? undefined : { kinds, max, partial: kinds.length < this.#kinds.size };
  }

  /** Resolves when something ends, or the signal aborts. */
  freed(signal: AbortSignal): Promise<void> {
    return this.#released.wait(signal);
  }

  #count(kind: string, change: 1 | -1): void {
    this.#total += change;
    const slots = this.#kinds.get(kind);
    if (slots !== undefined) slots.used += change;
  }
}
