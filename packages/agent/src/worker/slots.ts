import type { BaseAgent } from '../base-agent.ts';
import { Waiters } from './waiters.ts';

/** What may be read now. */
export interface ReadPlan {
  readonly kinds: readonly string[];
  readonly max: number;
  /** True when kinds are missing because they are at their own limit. */
  readonly partial: boolean;
}

/** Counts what runs against the worker's capacity and the agents' own limits. */
export class Slots {
  readonly #capacity: number;
  readonly #limits: ReadonlyMap<string, number>;
  readonly #used = new Map<string, number>();
  readonly #released = new Waiters();
  #total = 0;

  constructor(capacity: number, agents: readonly BaseAgent[]) {
    this.#capacity = capacity;
    this.#limits = new Map(agents.map((agent) => [agent.kind, Math.min(capacity, agent.concurrency ?? capacity)]));
  }

  get used(): number {
    return this.#total;
  }

  take(kind: string): void {
    this.#total += 1;
    this.#used.set(kind, (this.#used.get(kind) ?? 0) + 1);
  }

  release(kind: string): void {
    this.#total -= 1;
    this.#used.set(kind, (this.#used.get(kind) ?? 1) - 1);
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
    for (const [kind, limit] of this.#limits) {
      const room = limit - (this.#used.get(kind) ?? 0);
      if (room <= 0 || (roomy && room < free)) continue;
      kinds.push(kind);
      max = Math.min(max, room);
    }
    return kinds.length === 0 ? undefined : { kinds, max, partial: kinds.length < this.#limits.size };
  }

  /** Resolves when something ends, or the signal aborts. */
  freed(signal: AbortSignal): Promise<void> {
    return this.#released.wait(signal);
  }
}
